/**
 * Managed fields of a scale are those of its object, narrowed to the number of replicas: who owns it there owns it here, and
 * what a scale changes goes back to the object's entries.
 */
import { apiVersionOf, type JsonObject, type ManagedFieldsEntry } from "../../model.ts";

const SCALE_VERSION = "autoscaling/v1";
const IN_SCALE: JsonObject = { "f:spec": { "f:replicas": {} } };
const PATH_IN_SCALE = ["f:spec", "f:replicas"];

/** `path`: of the replicas in the object ("f:spec", "f:replicas"). */
export function toScale(entries: readonly ManagedFieldsEntry[], path: readonly string[]): ManagedFieldsEntry[] {
  return distinct(entries).filter(({ fieldsV1 }) => has(fieldsV1, path)).map((entry) => ({ ...entry, apiVersion: SCALE_VERSION, fieldsV1: IN_SCALE }));
}

/** Of two entries of one manager the real server sees the last. */
function distinct(entries: readonly ManagedFieldsEntry[]): ManagedFieldsEntry[] {
  return [...new Map(entries.map((entry) => [managerOf(entry), entry])).values()];
}

/** Back again: `scale` are the entries of the scale after the change. */
export function toParent(parent: readonly ManagedFieldsEntry[], scale: readonly ManagedFieldsEntry[], path: readonly string[], { group, version }: { group: string; version: string }): ManagedFieldsEntry[] {
  const owners = new Map(scale.map((entry) => [managerOf(entry), entry]));
  const entries: ManagedFieldsEntry[] = [];
  for (const entry of distinct(parent)) {
    if (!has(entry.fieldsV1, path)) {
      entries.push(entry);
      continue;
    }
    if (owners.delete(managerOf(entry))) entries.push(entry);
    else {
      const left = without(entry.fieldsV1, path);
      if (left !== undefined) entries.push({ ...entry, fieldsV1: left });
    }
  }
  for (const entry of owners.values()) {
    if (!has(entry.fieldsV1, PATH_IN_SCALE)) continue;
    // Whoever comes to own it through the scale has no time there: so it is on the real server.
    const { time: _, ...timeless } = entry;
    entries.push({ ...timeless, apiVersion: apiVersionOf(group, version), fieldsV1: nested(path) } as ManagedFieldsEntry);
  }
  return entries.sort(byPlace);
}

/** Applied first, then by time, none before all. */
function byPlace(a: ManagedFieldsEntry, b: ManagedFieldsEntry): number {
  const key = ({ operation, time = "", manager, apiVersion, subresource = "" }: ManagedFieldsEntry): string[] => [operation, time, manager, apiVersion, subresource];
  const [left, right] = [key(a), key(b)];
  const at = left.findIndex((each, n) => each !== right[n]);
  return at === -1 ? 0 : left[at]! < right[at]! ? -1 : 1;
}

/** Who updates is known by version as well, and so is never found again: what he owned becomes an entry of its own. */
function managerOf({ manager, operation, subresource = "", apiVersion }: ManagedFieldsEntry): string {
  return [manager, operation, subresource, ...(operation === "Apply" ? [] : [apiVersion])].join("\0");
}

function has(fields: JsonObject, path: readonly string[]): boolean {
  let node: unknown = fields;
  for (const element of path) {
    node = typeof node === "object" && node !== null && Object.hasOwn(node, element) ? (node as JsonObject)[element] : undefined;
    if (node === undefined) return false;
  }
  return true;
}

/** Undefined when nothing is left. */
function without(fields: JsonObject, [first, ...rest]: readonly string[]): JsonObject | undefined {
  const { [first!]: inner, ...others } = fields;
  const left = rest.length === 0 ? undefined : without(inner as JsonObject, rest);
  if (left !== undefined) return { ...others, [first!]: left };
  return Object.keys(others).length === 0 ? undefined : others;
}

function nested(path: readonly string[]): JsonObject {
  return path.reduceRight<JsonObject>((inner, element) => ({ [element]: inner }), {});
}
