/** Puts a Pod on a node: what a scheduler asks for. */
import type { ClusterObject, Json, JsonObject } from "../../model.ts";
import { copyOf } from "../equal.ts";
import { inOrder } from "../metadata.ts";
import type { Scope } from "../scope.ts";
import { badRequest, conflict, notFound, StatusError } from "../status-error.ts";

interface Binding extends ClusterObject { target?: { kind?: string; name?: string } & JsonObject }
interface PodParts { spec: { nodeName?: string; schedulingGates?: Json[] }; status: { conditions?: JsonObject[]; nominatedNodeName?: string } }

export function bindPod(scope: Scope, name: string, body: ClusterObject): void {
  const binding = body as Binding;
  if (binding.metadata.name !== name) throw badRequest("name in URL does not match name in Binding object");
  checkTarget(binding);
  const { kernel: { storage }, entry } = scope;
  const there = storage.get(entry.name, scope.key(name));
  if (there === undefined) throw notFound(scope.named, name);
  const pod = there.object;
  checkPreconditions(scope, binding, pod);
  const refusal = refusalOf(pod);
  if (refusal !== undefined) throw conflict({ group: "", resource: "pods/binding" }, name, refusal);
  const next = copyOf(pod);
  const { spec, status } = next as unknown as PodParts;
  spec.nodeName = binding.target!.name!;
  delete status.nominatedNodeName;
  const { annotations, labels } = binding.metadata;
  if (annotations !== undefined) next.metadata.annotations = { ...next.metadata.annotations, ...annotations };
  if (labels !== undefined) next.metadata.labels = { ...next.metadata.labels, ...labels };
  setCondition(status, { type: "PodScheduled", status: "True" }, scope.now);
  if (!scope.dryRun) storage.put(entry.name, scope.key(name), inOrder(scope, next, String(there.resourceVersion)), there.resourceVersion);
}

function checkTarget({ target }: Binding): void {
  const found: string[] = [];
  const kind = target?.kind ?? "";
  if (kind !== "" && kind !== "Node") found.push(`target.kind: Unsupported value: ${JSON.stringify(kind)}: supported values: "Node", "<empty>"`);
  if ((target?.name ?? "") === "") found.push("target.name: Required value");
  // No Status of its own: so does the real server answer.
  if (found.length > 0) throw new StatusError(500, "", found.length === 1 ? found[0]! : `[${found.join(", ")}]`);
}

function checkPreconditions(scope: Scope, { metadata: { uid, resourceVersion } }: Binding, { metadata }: ClusterObject): void {
  const refuse = (why: string): StatusError => conflict(scope.named, metadata.name, `StorageError: invalid object, Code: 4, Key: /registry/pods/${scope.key(metadata.name)}, ResourceVersion: 0, AdditionalErrorMsg: ${why}`);
  if (uid !== undefined && uid !== "" && uid !== metadata.uid) throw refuse(`Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`);
  if (resourceVersion !== undefined && resourceVersion !== "" && resourceVersion !== metadata.resourceVersion) {
    throw refuse(`Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${metadata.resourceVersion}`);
  }
}

function refusalOf(pod: ClusterObject): string | undefined {
  const { name, deletionTimestamp } = pod.metadata;
  const { spec } = pod as unknown as PodParts;
  if (deletionTimestamp !== undefined) return `pod ${name} is being deleted, cannot be assigned to a host`;
  if ((spec.nodeName ?? "") !== "") return `pod ${name} is already assigned to node ${JSON.stringify(spec.nodeName)}`;
  return (spec.schedulingGates?.length ?? 0) > 0 ? `pod ${name} has non-empty .spec.schedulingGates` : undefined;
}

/** Adds a Pod's condition or brings it up to date; the time counts from the last change of its status. */
export function setCondition(status: { conditions?: JsonObject[] }, condition: { type: string; status: string; reason?: string; message?: string }, now: string): void {
  const conditions = status.conditions ??= [];
  const at = conditions.findIndex(({ type }) => type === condition.type);
  const before = conditions[at];
  const time = before?.["status"] === condition.status ? before["lastTransitionTime"]! : now;
  const next: JsonObject = { type: condition.type, status: condition.status, lastProbeTime: null, lastTransitionTime: time };
  if (condition.reason !== undefined) next["reason"] = condition.reason;
  if (condition.message !== undefined) next["message"] = condition.message;
  if (at === -1) conditions.push(next);
  else conditions[at] = next;
}
