/** Random lives of objects: requests one after the other, each checked against the real server. */
import assert from "node:assert/strict";
import type { Json, JsonObject } from "../../model.ts";
import { isObject } from "../json.ts";
import { changed, mergeDifference, pathsIn, someOperations, strategicDifference } from "./changes.ts";
import type { Random } from "./random.ts";
import { copyOf } from "./subjects.ts";
import type { Ask, PatchKind, Witness } from "./witness.ts";

export interface Mismatch { readonly seed: number; readonly what: string }

const UPDATERS = ["m1", "m2", "m3", "kubectl-client-side-apply", "a-b", "m5", "m6", "m7", "m8", "m9", "m10", "m11", "m12", "ancient-changes"];
const APPLIERS = ["a1", "a2", "a3", "kubectl"];
const SERVERS_OWN = ["managedFields", "uid", "resourceVersion", "creationTimestamp", "generation"];
const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

/** Runs `count` steps, and goes on after a mismatch. */
export async function live(random: Random, count: number, step: () => Promise<void>): Promise<Mismatch[]> {
  const found: Mismatch[] = [];
  for (let at = 0; at < count && found.length < 3; at++) {
    try {
      await step();
    } catch (error) {
      found.push({ seed: random.seed, what: error instanceof Error ? error.message : String(error) });
    }
  }
  return found;
}

/** An update or a patch by somebody. */
export async function someUpdate(witness: Witness, random: Random): Promise<void> {
  const { subject } = witness;
  const base = copyOf(witness.live as JsonObject);
  // Nothing is left that could be changed.
  if (pathsIn(base).length < 3) return void await witness.put({ ...copyOf(subject.sample), metadata: { ...base["metadata"] as JsonObject, labels: { app: "web" } } });
  const target = changed(base, 1 + random.below(4), random);
  const ask: Ask = { manager: random.pick(UPDATERS), ...(subject.hasStatus && random.chance(0.15) ? { subresource: "status" } : {}) };
  const drawn = random.pick<PatchKind | "put">(["put", "merge", "json", "json", "strategic", "strategic"]);
  const kind = drawn === "strategic" && subject.custom ? "json" : drawn;
  const what = { kind: subject.kind, request: kind, ask, body: undefined as unknown };
  const note = (body: unknown): void => { what.body = body; };
  await explained(what, async () => {
    if (kind === "put") {
      if (random.chance(0.1) && isObject(target["metadata"])) target["metadata"]["managedFields"] = someEntries(subject.apiVersion, random);
      note(target);
      await witness.put(target, ask);
    } else {
      const body = random.chance(0.05) ? random.pick<Json>([null, 5, "x", [], [null], [5], true]) : somePatch(kind, base, target, random);
      note(body);
      await witness.patch(kind, body, ask);
    }
  });
}

function somePatch(kind: PatchKind, base: JsonObject, target: JsonObject, random: Random): Json {
  switch (kind) {
    case "merge": return mergeDifference(base, target);
    case "json": return someOperations(base, random);
    case "strategic": return strategicDifference(base, target, random);
  }
}

/** Entries that clients may send: none, an empty one, sound ones, broken ones, ones of other versions. */
function someEntries(apiVersion: string, random: Random): JsonObject[] {
  const entry = { manager: "x", operation: "Update", apiVersion, fieldsType: "FieldsV1" };
  return random.pick<JsonObject[]>([
    [], [{}],
    [{ ...entry, time: "2020-01-01T00:00:00Z", fieldsV1: { "f:spec": { "f:replicas": {} }, "f:metadata": { "f:labels": { "f:app": {}, ".": {} } } } }],
    [{ ...entry, operation: "Foo" }], [{ ...entry, fieldsV1: { "f:a": 5 } }], [{ ...entry, fieldsType: "X" }],
    [{ ...entry, operation: "Apply", manager: "y", fieldsV1: { "f:metadata": { "f:labels": {}, "f:name": {} } } }, { ...entry, apiVersion: "nope/v1", fieldsV1: { "f:metadata": {} } }],
    [{ ...entry, apiVersion: "a/b/c", fieldsV1: { "f:metadata": {} } }],
  ]);
}

/** An apply by one of a few, or an update by somebody else in between. */
export async function someApply(witness: Witness, random: Random): Promise<void> {
  const { subject } = witness;
  if (witness.live !== undefined && random.chance(0.2)) {
    const body = changed(witness.live as JsonObject, 1, random);
    if (random.chance(0.1) && isObject(body["metadata"])) body["metadata"]["managedFields"] = [];
    const ask = { manager: `u${random.below(3)}` };
    return explained({ kind: subject.kind, request: "put", ask, body }, async () => void await witness.put(body, ask));
  }
  const ask: Ask = {
    manager: random.pick(APPLIERS), force: random.chance(0.3),
    ...(witness.live !== undefined && subject.hasStatus && random.chance(0.12) ? { subresource: "status" } : {}),
  };
  const intent = someIntent(witness, ask, random);
  return explained({ kind: subject.kind, request: "apply", ask, body: intent }, async () => void await witness.apply(intent, ask));
}

function someIntent({ subject, live: object }: Witness, { subresource }: Ask, random: Random): JsonObject {
  const from = copyOf(random.chance(0.5) || object === undefined ? subject.sample : object as JsonObject);
  const metadata = from["metadata"] as JsonObject;
  for (const name of SERVERS_OWN) delete metadata[name];
  if (subresource === undefined && random.chance(0.8)) delete from["status"];
  const intent = random.chance(0.15) ? from : changed(from, 1 + random.below(3), random);
  if (random.chance(0.4) && isObject(intent["spec"])) {
    for (const name of Object.keys(intent["spec"])) if (random.chance(0.25)) delete intent["spec"][name];
  }
  if (random.chance(0.05)) intent["apiVersion"] = random.pick(["v1", "nope/v2", "a/b/c", 5]);
  const inner = isObject(intent["metadata"]) ? intent["metadata"] : {};
  if (random.chance(0.03)) inner["managedFields"] = random.pick<never[] | null | {}[] | string | number[]>([[], null, [{}], "x", [5]]);
  if (random.chance(0.1)) inner["annotations"] = { ...inner["annotations"] as JsonObject, [LAST_APPLIED]: JSON.stringify(random.chance(0.5) ? from : subject.sample) };
  const { apiVersion, kind } = intent as { apiVersion: string; kind: string };
  if (random.chance(0.04)) return { apiVersion, kind, ...(random.chance(0.5) ? { metadata: { name: metadata["name"]! } } : {}) };
  return copyOf(intent);
}

/** A mismatch names the request. */
async function explained(request: { kind: string; request: string; ask: Ask; body: unknown }, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    assert.fail(`${JSON.stringify(request)}\n${error instanceof Error ? error.message : String(error)}`);
  }
}
