/**
 * A watch under way on a scripted server, for tests of the watcher.
 */
import assert from "node:assert/strict";
import type { TypeDef } from "../../../bindings/protocol/manifest.ts";
import type { Change, Store } from "../contracts.ts";
import { compileProjection } from "../projection.ts";
import { configMap, listOf, quiet, world, type World } from "./scripted.ts";

export const KIND = { apiVersion: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true };
const types = (...fields: string[]): { [name: string]: TypeDef } => ({
  ConfigMap: { fields: Object.fromEntries(fields.map((field) => [field, { type: { map: { scalar: "string" } } }])) },
});
export const DATA = compileProjection(types("data"), "ConfigMap");
export const NOTHING = compileProjection(types(), "ConfigMap");

export interface Watching extends World { store: Store; changes: string[] }

/** A watch that has listed `a` at 10 and is open. */
export async function watching(): Promise<Watching> {
  const made = world();
  made.server.answers = [listOf(10, configMap("a", 7, { v: "1" }))];
  const store = made.informers.watch(KIND, DATA);
  const changes: string[] = [];
  store.onChange((change) => changes.push(described(change)));
  await quiet();
  return { ...made, store, changes };
}

export function described({ before, after }: Change): string {
  const of = (object: Change["before"]): string => (object === undefined ? "-" : `${object.ref.name}@${object.resourceVersion}`);
  return `${of(before)} > ${of(after)}`;
}

export function restOf(watched: Watching): void {
  watched.informers.close();
  assert.equal(watched.time.nextInMs, undefined, "a timer outlives close()");
  assert.ok(watched.server.streams.every(({ closed }) => closed), "a stream outlives close()");
}
