/**
 * Random requests: an object with a few changes, and the same difference as a merge patch, a strategic merge patch or a
 * JSON patch. Many of them are ones that a server refuses.
 */
import type { Json, JsonObject } from "../../model.ts";
import { isObject } from "../json.ts";
import type { Random } from "./random.ts";
import { copyOf } from "./subjects.ts";

type Step = string | number;
type Path = readonly Step[];
/** Tests go into objects of every kind. */
type Container = { [step: Step]: Json };

/** Members of metadata that requests change; the others are the server's own. */
const METADATA = new Set(["labels", "annotations", "finalizers", "ownerReferences"]);

/** Every place in the object that a request may change, containers included. */
export function pathsIn(value: Json, path: Path = []): Path[] {
  // An object without its metadata is refused for that alone.
  const found: Path[] = path.length === 0 || (path.length === 1 && path[0] === "metadata") ? [] : [path];
  if (Array.isArray(value)) value.forEach((item, at) => found.push(...pathsIn(item, [...path, at])));
  else if (isObject(value)) {
    for (const [name, inner] of Object.entries(value)) {
      if (path.length === 0 && (name === "apiVersion" || name === "kind")) continue;
      if (path.length === 1 && path[0] === "metadata" && !METADATA.has(name)) continue;
      found.push(...pathsIn(inner, [...path, name]));
    }
  }
  return found;
}

export function valueAt(value: Json, path: Path): Json {
  return path.reduce<Json>((at, step) => (at as Container)[step]!, value);
}

/** Another value for a value: often of its type, sometimes not. */
export function altered(value: Json, random: Random): Json {
  if (typeof value === "string") return random.pick([`${value}x`, `${value}y`, "", value, `a${value}`, "z"]);
  if (typeof value === "number") return random.pick([value + 1, value - 1, 0, value, 7]);
  if (typeof value === "boolean") return !value;
  if (Array.isArray(value)) {
    const first = value[0];
    return random.pick<Json>([
      [...value].reverse(), [], first === undefined ? [] : [...value, altered(first, random)], value.slice(1),
      first === undefined ? null : [...value, random.pick(value)], null,
    ]);
  }
  if (isObject(value)) return random.pick<Json>([{}, { ...value, extra: "new" }, null, value, Object.fromEntries(Object.entries(value).slice(1))]);
  return random.pick<Json>([null, "x"]);
}

/** A copy with `count` changes. */
export function changed(object: JsonObject, count: number, random: Random): JsonObject {
  const copy = copyOf(object);
  for (let at = 0; at < count; at++) {
    const paths = pathsIn(copy);
    if (paths.length === 0) break;
    const path = random.pick(paths);
    const parent = valueAt(copy, path.slice(0, -1)) as Container;
    const last = path.at(-1)!;
    if (random.chance(0.3)) {
      if (Array.isArray(parent)) parent.splice(last as number, 1);
      else delete parent[last];
    } else parent[last] = altered(parent[last]!, random);
  }
  return copy;
}

/** The merge patch from one to the other. */
export function mergeDifference(from: Json, to: Json): Json {
  if (!isObject(from) || !isObject(to)) return to;
  const patch: JsonObject = {};
  for (const [name, value] of Object.entries(to)) {
    if (!Object.hasOwn(from, name)) patch[name] = value;
    else if (JSON.stringify(from[name]) !== JSON.stringify(value)) patch[name] = mergeDifference(from[name]!, value);
  }
  for (const name of Object.keys(from)) if (!Object.hasOwn(to, name)) patch[name] = null;
  return patch;
}

/** The same with directives here and there, sensible ones and others. */
export function strategicDifference(from: Json, to: Json, random: Random): Json {
  return withDirectives(mergeDifference(from, to), from, random);
}

function withDirectives(patch: Json, there: Json | undefined, random: Random): Json {
  if (Array.isArray(patch)) {
    const items = patch.map((item) => withDirectives(item, undefined, random));
    const first = items[0];
    if (isObject(first) && random.chance(0.4)) first["$patch"] = random.pick(["delete", "replace", "merge", "x"]);
    return random.chance(0.3) ? items.slice(0, 1) : items;
  }
  if (!isObject(patch)) return patch;
  const old = isObject(there) ? there : {};
  const made: JsonObject = {};
  for (const [name, value] of Object.entries(patch)) made[name] = withDirectives(value, old[name], random);
  for (const name of Object.keys(patch)) {
    const [list, before] = [made[name], old[name]];
    if (Array.isArray(list) && random.chance(0.4)) made[`$setElementOrder/${name}`] = someOrder(Array.isArray(before) ? before : [], list, random);
    else if (Array.isArray(before) && random.chance(0.1)) {
      delete made[name];
      made[`$deleteFromPrimitiveList/${name}`] = before.slice(0, 1);
    }
  }
  if (random.chance(0.08)) made["$retainKeys"] = Object.keys({ ...old, ...made }).filter(() => random.chance(0.7));
  if (random.chance(0.04)) made["$patch"] = random.pick(["replace", "delete", "merge"]);
  return made;
}

function someOrder(before: readonly Json[], list: readonly Json[], random: Random): Json[] {
  const some = random.shuffled([...before, ...list].filter(() => random.chance(0.8)));
  return some.map((item) => (isObject(item) ? Object.fromEntries(Object.entries(item).slice(0, 2)) : item));
}

/** One to four operations of a JSON patch. */
export function someOperations(object: JsonObject, random: Random): JsonObject[] {
  return Array.from({ length: 1 + random.below(4) }, () => someOperation(object, random));
}

function someOperation(object: JsonObject, random: Random): JsonObject {
  const paths = pathsIn(object);
  const at = random.pick(paths);
  const value = valueAt(object, at);
  const path = pointer(at) + (random.chance(0.15) ? random.pick(["/nope", "/0", "/-", "/-1", "/99", "/-99"]) : "");
  switch (random.pick(["replace", "replace", "add", "remove", "test", "copy", "move"])) {
    case "replace": return { op: "replace", path, value: altered(value, random) };
    case "add": return { op: "add", path, value: altered(value, random) };
    case "remove": return { op: "remove", path };
    case "test": return { op: "test", path, value: random.chance(0.8) ? value : altered(value, random) };
    case "copy": return { op: "copy", from: path, path: pointer(random.pick(paths)) };
    default: return { op: "move", from: path, path: pointer(random.pick(paths)) };
  }
}

function pointer(path: Path): string {
  return path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
