/**
 * One write as the embedded cluster's parts do it, without its server: decode, defaults, policies, rules. What a request in
 * dry run answers, to be compared with what a real API server answers.
 */
import { createAdmission } from "../../admission/index.ts";
import { FieldErrors } from "../../api/field-errors.ts";
import type { AdmissionRequest } from "../../api/machinery.ts";
import { pathSegment } from "../../api/names.ts";
import { StatusError } from "../../api/status-error.ts";
import { validateMetadata, validateMetadataUpdate } from "../../api/validate-metadata.ts";
import { resourceName, type ClusterObject, type Json, type JsonObject } from "../../model.ts";
import { decodeObject, inServerOrder } from "../../schema/decode.ts";
import type { Kind, StrategyContext } from "../kind.ts";

export interface World { get: StrategyContext["get"]; list: StrategyContext["list"] }
export interface Outcome { readonly status: number; readonly body: JsonObject; readonly warnings: readonly string[] }
export interface Call { readonly kind: Kind; readonly body: JsonObject; readonly old?: ClusterObject; readonly namespace: string; readonly subresource?: string }

const UID = "00000000-0000-4000-8000-000000000001";
const NOW_MS = 1_795_000_000_000;
// As the control plane of the tests, which has nobody to make ServiceAccounts.
const admission = createAdmission({ disabled: ["ServiceAccount"] });
/** Of fields in complaints: the machinery's, which only tells what Go can't hold. */
const SYSTEM = ["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"] as const;

export function write(call: Call, world: World): Outcome {
  const warnings: string[] = call.kind.warning === undefined ? [] : [call.kind.warning];
  try {
    return { status: call.old === undefined ? 201 : 200, body: written(call, world, warnings) as JsonObject, warnings };
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return { status: error.code, body: error.toStatus(), warnings };
  }
}

function written({ kind, body, old, namespace, subresource }: Call, world: World, warnings: string[]): ClusterObject {
  const { strategy } = kind;
  const context: StrategyContext = {
    nowMs: NOW_MS, user: "admin", get: world.get, list: world.list, random: () => 0.5, warn: (message) => warnings.push(message), group: kind.group, subresource, dryRun: true,
  };
  const { object } = decodeObject(body as Json, kind);
  strategy.setDefaults(object);
  const { metadata } = object;
  if (old === undefined) {
    for (const field of SYSTEM) delete (metadata as unknown as JsonObject)[field];
    delete metadata.resourceVersion;
  }
  if (kind.namespaced) metadata.namespace = namespace;
  delete metadata.managedFields;
  const request: AdmissionRequest = {
    operation: old === undefined ? "CREATE" : "UPDATE", kind, resource: resourceName({ group: kind.group, resource: kind.plural }), subresource, namespace,
    name: old?.metadata.name ?? metadata.name ?? "", object, old, user: { name: "admin", groups: ["system:masters"] } as AdmissionRequest["user"], dryRun: true,
  };
  admission.mutate(request, context);
  const errors = new FieldErrors();
  const stored = kind.convert?.toStorage(object) ?? object;
  if (old === undefined) create(stored, kind, context, errors);
  else update(stored, kind.convert?.toStorage(old) ?? old, kind, context, errors);
  if (!errors.empty) throw errors.toStatusError(kind.storedAs === "events" ? "" : kind.group, kind.kind, stored.metadata.name ?? "");
  admission.validate({ ...request, object: stored }, context);
  return inServerOrder(kind.convert?.fromStorage(stored) ?? stored, kind);
}

function create(object: ClusterObject, { strategy, namespaced }: Kind, context: StrategyContext, errors: FieldErrors): void {
  const { metadata } = object;
  metadata.uid = UID;
  metadata.creationTimestamp = "2026-01-01T00:00:00Z";
  if ((metadata.name ?? "") === "" && (metadata.generateName ?? "") !== "") metadata.name = `${metadata.generateName}xxxxx`;
  strategy.prepareForCreate(object, context);
  strategy.validate(object, errors, context);
  if (errors.empty) validateMetadata(metadata, namespaced, pathSegment, errors);
}

function update(next: ClusterObject, old: ClusterObject, { strategy, namespaced }: Kind, context: StrategyContext, errors: FieldErrors): void {
  const { metadata } = next;
  if (old.metadata.generation === undefined) delete metadata.generation;
  else metadata.generation = old.metadata.generation;
  metadata.resourceVersion ??= old.metadata.resourceVersion!;
  strategy.prepareForUpdate(next, old, context);
  const after = next.metadata;
  after.uid ??= old.metadata.uid!;
  after.creationTimestamp = old.metadata.creationTimestamp!;
  validateMetadata(after, namespaced, pathSegment, errors);
  validateMetadataUpdate(after, old.metadata, errors);
  strategy.validateUpdate(next, old, errors, context);
}
