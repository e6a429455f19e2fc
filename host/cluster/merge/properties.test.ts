/** What must hold for any input, without a server to ask. `SEED=n` runs the same inputs again. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { stringifyJson } from "../../../bindings/protocol/json.ts";
import { StatusError } from "../api/status-error.ts";
import type { ClusterObject, Json, JsonObject, ManagedFieldsEntry } from "../model.ts";
import { BUILTIN_KINDS, BUILTIN_TYPES } from "../schema/facts.ts";
import type { TypeTable } from "../schema/types.ts";
import { applyConfiguration } from "./apply.ts";
import { difference, type FieldSet, isEmptySet, readFieldSet } from "./field-set.ts";
import { jsonPatch } from "./json-patch.ts";
import { sameJson } from "./json.ts";
import { mergePatch } from "./merge-patch.ts";
import { builtinResetFields } from "./reset-fields.ts";
import { shapeOf } from "./shape.ts";
import { strategicMergePatch } from "./strategic-patch.ts";
import { GADGET_TABLE } from "./testing/gadgets.ts";
import { junk, someStruct } from "./testing/generate.ts";
import { Random, seedOfRun } from "./testing/random.ts";
import { managedPart } from "./tracking.ts";
import { updateManagedFields } from "./update.ts";
import { namedSet, wholeNode } from "./whole-set.ts";

interface Sort { readonly types: TypeTable; readonly type: string; readonly kind: string; readonly apiVersion: string; readonly custom: boolean }
const SORTS: Sort[] = [
  ...BUILTIN_KINDS.filter(({ verbs }) => verbs.includes("patch")).map(({ type, kind, group, version }) => ({
    types: BUILTIN_TYPES, type, kind, apiVersion: group === "" ? version : `${group}/${version}`, custom: false,
  })),
  ...Array.from({ length: 20 }, () => ({ types: GADGET_TABLE, type: "Gadget", kind: "Gadget", apiVersion: "example.dev/v1", custom: true })),
];

function someObject({ types, type, kind, apiVersion }: Sort, random: Random, wild: number): JsonObject {
  const object = someStruct(types, type, random, 6, wild);
  const metadata: JsonObject = { name: "n" };
  if (random.chance(0.5)) metadata["labels"] = { a: random.pick(["1", "2"]) };
  return { ...object, apiVersion, kind, metadata };
}

/** The result, or undefined for a refusal. Any other way to end is a fault. */
function answered<T>(what: () => T): T | undefined {
  try {
    return what();
  } catch (error) {
    if (error instanceof StatusError) return undefined;
    throw error;
  }
}

/** A copy whose parts are its own, with the same 64-bit integers. */
const copyOf = <T extends object>(value: T): T => structuredClone(value);
const asObject = (object: JsonObject): ClusterObject => object as unknown as ClusterObject;

function checkEntries(entries: readonly ManagedFieldsEntry[] | undefined, custom: boolean): void {
  for (const { fieldsV1 } of entries ?? []) {
    assert.equal(isEmptySet(fieldsV1 as FieldSet), false, "an entry that owns nothing");
    // A custom resource's are sorted as texts.
    if (!custom) assert.equal(stringifyJson(readFieldSet(fieldsV1)), stringifyJson(fieldsV1), "a set that is not in its order");
  }
}

describe("for any input", () => {
  const seed = seedOfRun("properties of merging");
  const each = (rounds: number, run: (sort: Sort, random: Random) => void): void => {
    for (let round = 0; round < rounds; round++) {
      const random = new Random(seed + round);
      try {
        run(random.pick(SORTS), random);
      } catch (error) {
        throw new Error(`SEED=${seed} (round ${round}): ${error instanceof Error ? error.stack : String(error)}`);
      }
    }
  };
  const request = ({ custom, ...sort }: Sort): Sort & { manager: string; now: string } => ({ ...sort, custom, manager: "m", now: "2026-01-01T00:00:00Z" });

  it("who creates owns what is there; an update that changes nothing changes no entry", () => each(3000, (sort, random) => {
    const next = asObject(someObject(sort, random, 0));
    const entries = updateManagedFields({ ...request(sort), live: undefined, next });
    checkEntries(entries, sort.custom);
    if (entries === undefined) return;
    const stored = { ...next, metadata: { ...next.metadata, managedFields: entries } };
    assert.equal(updateManagedFields({ ...request(sort), live: stored, next: copyOf(next), manager: "other" }), entries);
    // All of what was there goes, and with it what was owned. Empty lists count only as they come and go.
    const nothing = asObject({ apiVersion: sort.apiVersion, kind: sort.kind, metadata: { name: "n" } });
    const rest = updateManagedFields({ ...request(sort), live: stored, next: nothing, manager: "other" });
    assert.ok((rest ?? []).every(({ manager }) => manager !== "m"), stringifyJson(rest));
  }));

  it("a change goes to who made it, and from everybody else", () => each(3000, (sort, random) => {
    const [before, after] = [asObject(someObject(sort, random, 0)), asObject(someObject(sort, random, 0))];
    const first = updateManagedFields({ ...request(sort), live: undefined, next: before });
    if (first === undefined) return;
    const live = { ...before, metadata: { ...before.metadata, managedFields: first } };
    const entries = updateManagedFields({ ...request(sort), live, next: after, manager: "other" });
    checkEntries(entries, sort.custom);
    const [mine, theirs] = ["m", "other"].map((manager) => (entries ?? []).find((entry) => entry.manager === manager)?.fieldsV1 as FieldSet ?? {});
    assert.ok(isEmptySet(intersectionOf(mine!, theirs!)), "two own a field");
  }));

  it("applying is idempotent, and what was applied is there", () => each(3000, (sort, random) => {
    const live = asObject(someObject(sort, random, 0));
    const managed = { ...live, metadata: { ...live.metadata, managedFields: updateManagedFields({ ...request(sort), live: undefined, next: live, manager: "creator" })! } };
    const intent = someObject(sort, random, 0);
    const before = stringifyJson([managed, intent]);
    const apply = (on: ClusterObject | undefined): ClusterObject | undefined => answered(() => applyConfiguration({ ...request(sort), live: on, intent, force: true }));
    const once = apply(random.chance(0.2) ? undefined : managed);
    assert.equal(stringifyJson([managed, intent]), before, "an input was changed");
    if (once === undefined) return;
    checkEntries(once.metadata.managedFields, sort.custom);
    // Who applies nothing that counts as a field is forgotten, and an object without managers is as one from before.
    if (once.metadata.managedFields === undefined) return;
    const twice = apply(copyOf(once))!;
    assert.equal(stringifyJson(twice), stringifyJson(once));
    const shape = shapeOf(sort.types, sort.type);
    const missing = difference(managedPart(namedSet(intent, shape)), wholeNode(once as unknown as JsonObject, shape));
    assert.ok(isEmptySet(missing), `missing ${stringifyJson(missing)} of ${stringifyJson(intent)} on ${stringifyJson(managed)}: ${stringifyJson(once)}`);
  }));

  it("patches keep their inputs, and a patch to nothing is the object", () => each(3000, (sort, random) => {
    const doc = someObject(sort, random, 0);
    const patch: Json = random.chance(0.5) ? someObject(sort, random, 0.05) : junk(random, 4);
    const before = stringifyJson([doc, patch]);
    for (const run of [
      () => mergePatch(doc, patch), () => mergePatch(doc, patch, false), () => jsonPatch(doc, patch), () => jsonPatch(doc, patch, false), () => jsonPatch(doc, [patch], false),
      () => jsonPatch(doc, [{ op: random.pick(["add", "replace", "test", "copy", "move", "remove"]), path: "/spec", from: "/metadata", value: patch }]),
      () => strategicMergePatch(doc, patch, sort.types, sort.type),
    ]) answered(run)?.shown();
    assert.equal(stringifyJson([doc, patch]), before, "an input was changed");
    for (const same of [mergePatch(doc, {}), jsonPatch(doc, []), strategicMergePatch(doc, {}, sort.types, sort.type)]) assert.ok(sameJson(same.value, doc));
  }));

  it("nothing but refusals comes of junk", () => each(3000, (sort, random) => {
    const resets = builtinResetFields({ group: "apps", resource: "deployments" }, random.pick([undefined, "status"]), true);
    const live = asObject(someObject(sort, random, 0));
    const entries = random.pick<Json>([[], [{}], junk(random, 4), [{ manager: "x", operation: "Update", apiVersion: sort.apiVersion, fieldsType: "FieldsV1", fieldsV1: junk(random, 4) }]]);
    const managed = { ...live, metadata: { ...live.metadata, managedFields: updateManagedFields({ ...request(sort), live: undefined, next: live, asked: entries }) ?? [] } };
    const intent = { ...someObject(sort, random, 0.05), ...(random.chance(0.1) ? { metadata: junk(random, 3) } : {}) };
    const applied = answered(() => applyConfiguration({ ...request(sort), live: managed, intent, force: random.chance(0.5), reset: resets }));
    const next = asObject(someObject(sort, random, 0));
    updateManagedFields({ ...request(sort), live: applied ?? managed, next, asked: entries, reset: resets, manager: "other" });
  }));
});

function intersectionOf(a: FieldSet, b: FieldSet): FieldSet {
  return difference(a, difference(a, b));
}
