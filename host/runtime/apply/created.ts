/**
 * Objects that were created by POST, which costs the API server less than creating by apply. The server then lists our
 * fields, and every default beside them, as an update of ours. An annotation says which intent made the object; before
 * the first apply that changes something, the update is rewritten as an apply (as client-go's csaupgrade does), so that
 * the server takes away what the new intent no longer says.
 */
import { stringifyJson } from "../../../bindings/protocol/json.ts";
import type { Json, JsonObject } from "../../../bindings/protocol/types.ts";
import { type Intent, spliced } from "./intent.ts";
import { isObject } from "./types.ts";

/** Not part of any intent, and hidden from cores. */
export const CREATED_AS = "toque.dev/created-as";
/** 64 bits: it tells one object's intents apart, and is looked at for nothing else. */
const DIGITS = 16;

/** What the annotation says of an intent whose text has this hash. */
export function createdAs(hash: string): string {
  return hash.slice(0, DIGITS);
}

/** The request's body: `intent`, and the annotation among its own. */
export function createBody(intent: Intent, hash: string): string {
  const metadata = intent.object["metadata"] as JsonObject;
  if (metadata["annotations"] === undefined) return spliced(intent.text, `"annotations":{"${CREATED_AS}":"${createdAs(hash)}"},`);
  const annotations = { ...(metadata["annotations"] as JsonObject), [CREATED_AS]: createdAs(hash) };
  return stringifyJson({ ...intent.object, metadata: { ...metadata, annotations } });
}

/** `managedFields` with `manager`'s updates of the object itself turned into its apply; `fieldsV1` is what that then owns. */
export function asApplied(managedFields: readonly JsonObject[], manager: string): { managedFields: JsonObject[]; fieldsV1: JsonObject } {
  const ours = managedFields.filter((entry) => entry["manager"] === manager && (entry["subresource"] ?? "") === "");
  const first = ours.find(({ operation }) => operation === "Apply") ?? ours[0];
  if (first === undefined) return { managedFields: [...managedFields], fieldsV1: {} };
  // The fields of another version have other names: the server alone could translate them.
  const alike = ours.filter((entry) => entry["apiVersion"] === first["apiVersion"]);
  const fieldsV1 = alike.map((entry) => entry["fieldsV1"] as JsonObject).reduce(union);
  const entry = { ...first, operation: "Apply", fieldsV1 };
  return { managedFields: managedFields.filter((one) => one === first || !ours.includes(one)).map((one) => (one === first ? entry : one)), fieldsV1 };
}

/** Of two sets of fields. An empty node owns its field; beside others that is spelled ".". */
function union(a: JsonObject, b: JsonObject): JsonObject {
  const both: { [name: string]: Json } = { ...a };
  for (const [name, theirs] of Object.entries(b)) {
    const mine = both[name];
    both[name] = isObject(mine) && isObject(theirs) ? unionBeneath(mine, theirs) : theirs;
  }
  return both;
}

function unionBeneath(a: JsonObject, b: JsonObject): JsonObject {
  const whole = (fields: JsonObject, other: JsonObject): JsonObject => (Object.keys(fields).length === 0 && Object.keys(other).length > 0 ? { ".": {} } : fields);
  return union(whole(a, b), whole(b, a));
}
