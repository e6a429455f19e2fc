/** Where what is wanted departs from what is there: leaves, by path. For people; the executor compares by schema. */
import { stringifyJson } from "../../bindings/protocol/json.ts";
import type { Json, JsonObject } from "../../bindings/protocol/types.ts";

export interface Difference { path: string; before: Json | undefined; after: Json | undefined }

/** Names of list items, in the order in which they are looked for. */
const ITEM_KEYS = ["name", "type", "key", "containerPort", "port", "uid"];

/** `before` undefined: nothing is there, everything is new. Identity (apiVersion, kind, metadata.name, namespace) is left out. */
export function differences(before: JsonObject | undefined, after: JsonObject): Difference[] {
  const found: Difference[] = [];
  compare("", before, after, found);
  return found.filter(({ path }) => !/^(apiVersion|kind|metadata\.(name|namespace|uid))$/.test(path));
}

function compare(path: string, before: Json | undefined, after: Json, found: Difference[]): void {
  if (Array.isArray(after)) {
    after.forEach((item, index) => compare(`${path}[${label(item, index)}]`, counterpart(before, item, index), item, found));
    if (after.length === 0 && !Array.isArray(before)) found.push({ path, before, after });
  } else if (typeof after === "object" && after !== null) {
    for (const [name, value] of Object.entries(after)) compare(path === "" ? name : `${path}.${name}`, isObject(before) ? before[name] : undefined, value, found);
  } else if (stringifyJson(before ?? null) !== stringifyJson(after)) {
    found.push({ path, before, after });
  }
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function keyOf(item: Json): string | undefined {
  return isObject(item) ? ITEM_KEYS.find((key) => item[key] !== undefined) : undefined;
}

function label(item: Json, index: number): string {
  const key = keyOf(item);
  return key === undefined ? String(index) : String((item as JsonObject)[key]);
}

/** The item of the same name, else of the same place. */
function counterpart(before: Json | undefined, item: Json, index: number): Json | undefined {
  if (!Array.isArray(before)) return undefined;
  const key = keyOf(item);
  return key === undefined ? before[index] : before.find((other) => isObject(other) && stringifyJson(other[key] ?? null) === stringifyJson((item as JsonObject)[key]!));
}
