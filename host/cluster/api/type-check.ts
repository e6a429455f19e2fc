/** A stand-in until the schema's own reading of apiVersion and kind is here. */
import type { Kind } from "../kinds/kind.ts";
import { apiVersionOf, type Json } from "../model.ts";
import { badRequest, type StatusError } from "./status-error.ts";

export function unrecognized(kind: string, why: string, text: string): StatusError {
  return badRequest(`the object provided is unrecognized (must be of type ${kind}): ${why} (${text === "" ? "<empty>" : text.slice(0, 30)})`);
}
export function unreadable(why: string, kind: string, text: string): StatusError {
  return unrecognized(kind, `couldn't get version/kind; json parse error: ${why}`, text);
}
export function checkTypeMeta(value: Json, kind: Pick<Kind, "group" | "version" | "kind">, text: string): void {
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw unreadable("not an object", kind.kind, text);
  const { apiVersion = "", kind: said = "" } = value as { apiVersion?: Json; kind?: Json };
  if (said !== "" && said !== kind.kind) throw badRequest(`${String(said)} in version ${JSON.stringify(kind.version)} cannot be handled as a ${kind.kind}`);
  const wanted = apiVersionOf(kind.group, kind.version);
  if (apiVersion !== "" && apiVersion !== wanted) throw badRequest(`the API version in the data (${String(apiVersion)}) does not match the expected API version (${wanted})`);
}
