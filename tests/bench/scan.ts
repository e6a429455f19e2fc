/**
 * How fast objects are read from a server's bytes: the scanner alone, whole objects into the cache, and `JSON.parse` of
 * the same text for scale. `node tests/bench/scan.ts`; prints MB/s, and bytes of heap per cached object.
 */
import { nodePlatform } from "../../host/platform/node/index.ts";
import { Extractor } from "../../host/runtime/extractor.ts";
import { JsonCursor } from "../../host/runtime/json/cursor.ts";
import { skipValue } from "../../host/runtime/json/scan.ts";
import type { Recipe, StoredObject } from "../../host/runtime/object.ts";
import { compileProjection, type CompiledProjection } from "../../host/runtime/projection.ts";
import { SecretHasher } from "../../host/runtime/secrets.ts";
import { DEPLOYMENT_TYPES, deployment } from "./objects.ts";

const platform = nodePlatform();
const extractor = new Extractor(platform.text, new SecretHasher(new Uint8Array(32), platform.text, platform.digest));
const kind = { apiVersion: "apps/v1", kind: "Deployment", plural: "deployments", namespaced: true };
const projection = compileProjection(DEPLOYMENT_TYPES, "Deployment") as CompiledProjection;
const recipe: Recipe = { kind, projections: [projection], managers: ["toque-myapp"] };

function megabytesPerSecond(name: string, bytes: number, run: () => void): void {
  for (let i = 0; i < 2_000; i++) run();
  let best = Infinity;
  for (let round = 0; round < 5; round++) {
    const started = performance.now();
    for (let i = 0; i < 2_000; i++) run();
    best = Math.min(best, performance.now() - started);
  }
  console.log(`${name.padEnd(44)} ${((bytes * 2_000) / best / 1000).toFixed(0).padStart(5)} MB/s ${((best / 2_000) * 1000).toFixed(1).padStart(6)} us`);
}

const source = new Uint8Array(new TextEncoder().encode(JSON.stringify(deployment(1))));
console.log(`a Deployment of ${source.length} bytes`);
megabytesPerSecond("skip, strictly", source.length, () => skipValue(source, 0));
megabytesPerSecond("into the cache: metadata and declared fields", source.length, () => extractor.extract(recipe, new JsonCursor(source), () => undefined));
megabytesPerSecond("decode and JSON.parse", source.length, () => JSON.parse(platform.text.decodeUtf8(source, 0, source.length)));

const kept: StoredObject[] = [];
globalThis.gc?.();
const before = process.memoryUsage().heapUsed;
for (let i = 0; i < 5_000; i++) {
  const bytes = new Uint8Array(new TextEncoder().encode(JSON.stringify(deployment(i))));
  kept.push(extractor.extract(recipe, new JsonCursor(bytes), () => undefined));
}
globalThis.gc?.();
const used = (process.memoryUsage().heapUsed - before) / kept.length;
console.log(`${Math.round(used)} bytes of heap per cached object (text ${kept[0]!.text(projection).length}, applied ${[...kept[0]!.applied.values()].join("").length})${globalThis.gc === undefined ? "; run with --expose-gc to count only what is kept" : ""}`);
