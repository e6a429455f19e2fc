import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { writeImage } from "./images.ts";
import { file } from "./oci.ts";

test("an image is written where there was no folder yet, and again only when its bytes differ", (t) => {
  const cache = mkdtempSync(join(tmpdir(), "toque-images-"));
  t.after(() => rmSync(cache, { recursive: true, force: true }));
  const into = join(cache, "cluster", "images");
  const image = (content: string): string => writeImage(into, { reference: "toque.test/one:1", entries: [file("word", content)] });

  const path = image("one");
  assert.equal(path, join(into, "toque.test-one-1.tar"));
  const first = readFileSync(path);
  const { ino, mtimeNs } = statSync(path, { bigint: true });
  image("one");
  assert.deepEqual([statSync(path, { bigint: true }).ino, statSync(path, { bigint: true }).mtimeNs], [ino, mtimeNs]);
  image("two");
  assert.notDeepEqual(readFileSync(path), first);
});
