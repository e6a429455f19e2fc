/**
 * What applying a configuration makes of an object, before anything is taken out of it: leaves of the configuration win,
 * maps are merged by member and lists with keys item by item. What does not change is shared with the object as it was.
 */
import type { Json, JsonObject } from "../model.ts";
import { isObject, member, setMember } from "./json.ts";
import type { Shape } from "./shape.ts";
import { elementAt } from "./whole-set.ts";

/** Both of the shape; `config` without duplicates in its lists. */
export function mergeObjects(live: JsonObject, config: JsonObject, shape: Shape): JsonObject {
  return mergeMembers(live, config, shape);
}

function merge(live: Json | undefined, config: Json | undefined, shape: Shape): Json | undefined {
  if (live === undefined) return config;
  if (config === undefined || live === config) return live;
  switch (shape.kind) {
    case "map":
      return mergeMaps(live, config, shape);
    case "any":
      // Of no declared type: only what is an object, or is to be one, is looked into. Null empties nothing.
      return isObject(config) || config === null ? mergeMaps(live, config, shape) : config;
    case "set": case "keyedList":
      return mergeLists(live, config, shape);
    default:
      return config;
  }
}

function mergeMaps(live: Json, config: Json, shape: Shape): Json {
  const left = isObject(live) ? live : {};
  const right = isObject(config) ? config : {};
  // Between empty and null, the configuration's spelling counts.
  if (isEmpty(left) && isEmpty(right)) return config;
  if (!isObject(live)) return right;
  return mergeMembers(live, right, shape);
}

function isEmpty(object: JsonObject): boolean {
  for (const name in object) if (object[name] !== undefined) return false;
  return true;
}

function mergeMembers(live: JsonObject, config: JsonObject, shape: Shape): JsonObject {
  let merged: JsonObject | undefined;
  for (const name of Object.keys(config)) {
    const wanted = member(config, name);
    if (wanted === undefined) continue;
    const there = member(live, name);
    const value = merge(there, wanted, shape.memberNamed(name)!.shape)!;
    if (value === there) continue;
    merged ??= copyOf(live);
    setMember(merged, name, value);
  }
  return merged ?? live;
}

function copyOf(object: JsonObject): JsonObject {
  const copy: JsonObject = {};
  for (const name of Object.keys(object)) if (object[name] !== undefined) setMember(copy, name, member(object, name));
  return copy;
}

function mergeLists(live: Json, config: Json, shape: Shape): Json {
  const left = Array.isArray(live) ? live : [];
  const right = Array.isArray(config) ? config : [];
  if (left.length === 0 && right.length === 0) return config;
  if (right.length === 0) return live;
  const merged = new ListMerge(left, right, shape).run();
  return merged.length === left.length && merged.every((item, at) => item === left[at]) ? live : merged;
}

/** Items that both have come in the configuration's order; those of the object alone stay in front of what they preceded. */
class ListMerge {
  readonly #left: readonly Json[];
  readonly #shape: Shape;
  readonly #leftElements: readonly string[];
  readonly #rightElements: readonly string[];
  readonly #leftItems: Map<string, Json>;
  readonly #rightItems: Map<string, Json>;
  readonly #done = new Set<string>();
  readonly #out: Json[] = [];

  constructor(left: readonly Json[], right: readonly Json[], shape: Shape) {
    this.#left = left;
    this.#shape = shape;
    this.#leftElements = left.map((_, at) => elementAt(left, at, shape));
    this.#rightElements = right.map((_, at) => elementAt(right, at, shape));
    this.#leftItems = new Map();
    this.#leftElements.forEach((element, at) => {
      // Duplicates are not merged with what is new: there is no telling with which of them.
      this.#leftItems.set(element, this.#leftItems.has(element) ? null : left[at]!);
    });
    this.#rightItems = new Map(this.#rightElements.map((element, at) => [element, right[at]!]));
  }

  run(): Json[] {
    const left = this.#leftElements;
    const right = this.#rightElements;
    const shared = right.filter((element) => this.#leftItems.has(element));
    let turn = 0;
    let i = 0;
    let j = 0;
    while (i < left.length || j < right.length) {
      if (i < left.length && j < right.length) {
        if (left[i] === right[j]) {
          this.#take(left[i++]!);
          j++;
          turn++;
          continue;
        }
        // Shared, but not the one whose turn it is.
        if (this.#rightItems.has(left[i]!) && turn < shared.length && shared[turn] !== left[i]) {
          i++;
          continue;
        }
      }
      if (i < left.length) {
        if (!this.#rightItems.has(left[i]!)) {
          this.#out.push(this.#left[i++]!);
          continue;
        }
        if (this.#done.has(left[i]!)) i++;
      }
      if (j < right.length) {
        this.#take(right[j]!);
        if (shared[turn] === right[j++]) turn++;
      }
    }
    return this.#out;
  }

  #take(element: string): void {
    this.#done.add(element);
    this.#out.push(merge(this.#leftItems.get(element), this.#rightItems.get(element), this.#shape.inner!)!);
  }
}
