/** Seeded randomness (mulberry32), and ways to break a JSON object. */
import type { Loose } from "../support/api-client.ts";

export class Dice {
  #state: number;
  constructor(seed: number) { this.#state = seed >>> 0; }

  /** Uniform in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }
  below(count: number): number { return Math.floor(this.next() * count); }
  chance(p: number): boolean { return this.next() < p; }
  of<T>(items: readonly T[]): T { return items[this.below(items.length)]!; }
}

/**
 * What may stand where something else stood. No empty list or map: that there was one, and not none, is told by the real server
 * until it has been stored, and never by ours (docs/CLUSTER.md).
 */
const ODD: readonly Loose[] = [
  null, true, 0, 1, -1, 3, 1.5, 65_536, 2_147_483_648, "", "a", "A_b", "x".repeat(64), "500m", "1Gi", "-1", "0", "http", "2026-11-22T10:00:00Z", ["a"], ["a", "a"], { a: "b" }, { name: "n" }, [{ name: "n" }, { name: "n" }],
];
const UNKNOWN = ["foo", "Replicas", "spec", "name", "extra"];

interface Place { parent: Loose; key: string | number }

/** Places in an object: every member of every object in it, `kind` and `apiVersion` of the root apart. */
function places(value: Loose, root = true): Place[] {
  const found: Place[] = [];
  const keys: (string | number)[] = Array.isArray(value) ? value.map((_: Loose, index: number) => index) : Object.keys(value);
  for (const key of keys as string[]) {
    if (root && (key === "kind" || key === "apiVersion")) continue;
    if (!(root && key === "metadata")) found.push({ parent: value, key });
    if (typeof value[key] === "object" && value[key] !== null && key !== "managedFields") found.push(...places(value[key], false));
  }
  return found;
}

/** A copy of `object` with one to three things changed: a member gone, another value, an unknown field, an item twice. */
export function mutated(object: Loose, dice: Dice): Loose {
  const copy = structuredClone(object);
  for (let times = 1 + dice.below(3); times > 0; times--) {
    const all = places(copy).filter(({ key }) => key !== "name" && key !== "namespace" && key !== "resourceVersion" && key !== "uid" && key !== "managedFields");
    if (all.length === 0) return copy;
    const { parent, key } = dice.of(all) as { parent: Loose; key: string };
    const kind = dice.below(10);
    if (kind < 2 && !Array.isArray(parent)) delete parent[key];
    else if (kind < 3 && Array.isArray(parent)) parent.push(structuredClone(parent[Number(key)]));
    else if (kind < 4 && !Array.isArray(parent)) parent[dice.of(UNKNOWN)] = structuredClone(dice.of(ODD));
    else if (kind < 7) parent[key] = similar(parent[key], dice);
    else parent[key] = structuredClone(dice.of(ODD));
  }
  return copy;
}

/** Another value of the same JSON type: more often valid. */
function similar(value: Loose, dice: Dice): Loose {
  if (typeof value === "number") return value + dice.of([-1, 1, 2, 10, -100]);
  if (typeof value === "boolean") return !value;
  if (typeof value === "string") return dice.of([`${value}x`, value.toUpperCase(), "b", "other", "9", `${value}-2`, ""]);
  if (Array.isArray(value)) return dice.chance(0.5) ? [...value].reverse() : value.length > 1 ? value.slice(1) : value;
  return value;
}
