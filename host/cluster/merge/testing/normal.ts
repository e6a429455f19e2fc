/** What of a real server's answers is compared, and where the comparison has to know how that server works. */
import type { Answer, Loose } from "../../../../tests/support/api-client.ts";
import type { StatusError } from "../../api/status-error.ts";
import type { ClusterObject, Json } from "../../model.ts";
import { isObject } from "../json.ts";
import { type Shape, shapeOf } from "../shape.ts";
import { copyOf, type Subject } from "./subjects.ts";

/** An object without what every write changes; an error as what it says. `fresh`: of a creation, which also makes an identity. */
export function stripped(body: Loose, subject?: Subject, fresh = false): Loose {
  if (body?.kind === "Status") return { code: body.code, message: body.message };
  const copy = copyOf(body);
  for (const name of ["managedFields", "resourceVersion", "generation", ...(fresh ? ["uid", "creationTimestamp"] : [])]) delete copy.metadata?.[name];
  if (fresh && subject?.kind === "Service") for (const name of ["clusterIP", "clusterIPs"]) delete copy.spec?.[name];
  return copy;
}

/** The same refusal. Managers and what is wrong with an object come in no certain order. */
export function sameError(ours: StatusError, real: Answer): boolean {
  // The real server breaks the connection where we answer with an internal error.
  if (real.status === 0) return ours.code === 500;
  return canonical(ours.toStatus()) === canonical(real.body) || undeclared(ours, real);
}

function canonical(status: Loose): string {
  const causes = status.details?.causes?.map((cause: unknown) => JSON.stringify(cause)).sort();
  const details = status.details === undefined ? undefined : { ...status.details, causes };
  return JSON.stringify({ ...status, message: status.message?.split("\n").sort().join("\n"), details });
}

/** It stops in an object at the first member that it doesn't know, wherever it happens to begin. */
function undeclared(ours: StatusError, real: Answer): boolean {
  const lines = (text: string): string[] => text.split("\n").map((line) => line.trim()).filter((line) => line !== "errors:");
  const text = "field not declared in schema";
  return ours.message.includes(text) && String(real.body.message).includes(text) && lines(ours.message).length <= lines(real.body.message).length + 2;
}

/**
 * The validation of custom resources lists what is wrong in no certain order, and that of a StatefulSet puts the volumes of
 * its claims in none.
 */
export function inAnyOrder(message: string | undefined): string {
  return (message ?? "").replace(/volumes\[\d+\]/g, "volumes[?]").split(/[[\],]/).map((part) => part.trim()).sort().join("\n");
}

/** Refusals that come from elsewhere in the API server than what is tested here. */
export function isWordOfTheApi(real: Answer): boolean {
  return /undeterminable|is required for|does not match the (expected|namespace)|failed to convert to unversioned/.test(real.body?.message ?? "");
}

/** Fields of a Service that the server fills in later than it counts fields. */
const ADDRESSES = ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"];

/** The response as the server had it when it counted fields: before its own preparations. `wanted`: what the request made. */
export function trackedNext(response: Loose, wanted: Loose, live: Loose, subject: Subject, subresource: string | undefined, isPatch: boolean): ClusterObject {
  const next = copyOf(response);
  delete next.metadata.managedFields;
  if (subject.kind === "Service") {
    for (const name of ADDRESSES) {
      if (wanted.spec?.[name]?.length > 0) next.spec[name] = wanted.spec[name];
      else delete next.spec[name];
    }
  }
  const shape = shapeOf(subject.types, subject.type);
  const owners = wanted?.metadata?.ownerReferences;
  // Of owners that come twice the server keeps one: of a patch, when it has counted.
  if (isPatch && Array.isArray(owners) && owners.length > 0) next.metadata.ownerReferences = pruned(owners, shape.memberNamed("metadata")!.shape.memberNamed("ownerReferences")!.shape);
  // A custom resource's other members are put back only after they were counted.
  if (subject.custom && subresource === "status" && isObject(wanted?.spec)) next.spec = pruned(wanted.spec, shape.memberNamed("spec")!.shape);
  if (subresource === undefined && subject.hasStatus && live !== undefined) next.status = live.status;
  return next as ClusterObject;
}

/** Without members that the type doesn't have, as the server decodes a custom resource. */
function pruned(value: Json, shape: Shape): Json {
  if (Array.isArray(value)) return shape.inner === undefined ? value : value.map((item) => pruned(item, shape.inner!));
  if (!isObject(value) || shape.kind === "any") return value;
  const known = Object.entries(value).filter(([name, inner]) => inner !== null && shape.memberNamed(name) !== undefined);
  return Object.fromEntries(known.map(([name, inner]) => [name, pruned(inner, shape.memberNamed(name)!.shape)]));
}
