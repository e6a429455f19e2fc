/**
 * Whatever the two files hold, the outcome is a manifest or a list of complaints, each with a place in its file. Files are
 * made from good ones by seeded accidents: lines lost, doubled, moved, words exchanged, characters changed.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Manifest, TypeRef } from "../protocol/manifest.ts";
import { formatDiagnostics, manifestOf } from "./index.ts";

const read = (name: string): string => readFileSync(new URL(`testdata/${name}`, import.meta.url), "utf8");
const good = ["myapp", "rich"].map((name) => [read(`${name}/operator.yaml`), read(`${name}/crd.yaml`)] as const);

/** mulberry32: numbers from 0 up to 1, the same for the same seed. */
function randomFrom(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const SCRAPS = ["[", "]", "{", "}", ": ", "- ", "\t", "&a ", "*a", "!!str ", "'", '"', "|", ">", "---\n", "null", "~", "0x7f", "1e999", ".inf", "é", "\u{1f373}", "\ud800", "%", "@", "#", "<<: "];

function accident(text: string, random: () => number): string {
  const lines = text.split("\n");
  const pick = (n: number): number => Math.floor(random() * n);
  const at = pick(lines.length);
  switch (pick(6)) {
    case 0: lines.splice(at, 1); break;
    case 1: lines.splice(at, 0, lines[pick(lines.length)]!); break;
    case 2: lines[at] = " ".repeat(pick(3)) + lines[at]!; break;
    case 3: lines[at] = lines[at]!.replace(/\w+/, SCRAPS[pick(SCRAPS.length)]!); break;
    case 4: lines[at] = lines[at]!.replace(/[A-Za-z]+/, (lines[pick(lines.length)]!.match(/[A-Za-z]+/) ?? ["x"])[0]); break;
    default: {
      const column = pick(lines[at]!.length + 1);
      lines[at] = lines[at]!.slice(0, column) + SCRAPS[pick(SCRAPS.length)]! + lines[at]!.slice(column);
    }
  }
  return lines.join("\n");
}

/** Every type that is named is there, with the keys of its lists. */
function whole({ types, for: primary, owns, reads }: Manifest): void {
  for (const { type } of [primary, ...owns, ...reads]) assert.ok(Object.hasOwn(types, type), type);
  const visit = (ref: TypeRef): string | undefined => {
    if ("object" in ref) {
      assert.ok(Object.hasOwn(types, ref.object), ref.object);
      return ref.object;
    }
    if ("map" in ref) return visit(ref.map);
    if (!("list" in ref)) return undefined;
    const item = visit(ref.list);
    for (const key of ref.keys ?? []) assert.ok(Object.hasOwn(types[item!]!.fields, key), `${item}.${key}`);
    return undefined;
  };
  for (const type of Object.values(types)) for (const field of Object.values(type.fields)) visit(field.type);
}

test("no file makes it throw, or complain without a place", () => {
  const first = Number(process.env["SEED"] ?? Math.floor(Date.now() / 1000));
  const runs = process.env["SEED"] === undefined ? 400 : 1;
  let refused = 0;
  for (let seed = first; seed < first + runs; seed++) {
    const random = randomFrom(seed);
    let [operator, crd] = good[seed % good.length]!;
    for (let n = 1 + Math.floor(random() * 3); n > 0; n--) {
      if (random() < 0.5) operator = accident(operator, random);
      else crd = accident(crd, random);
    }
    try {
      const result = manifestOf(operator, crd);
      if ("manifest" in result) {
        whole(result.manifest);
        continue;
      }
      refused++;
      assert.ok(result.errors.length > 0);
      for (const d of result.errors) {
        const lines = (d.file === "crd.yaml" ? crd : operator).split(/\r\n|\r|\n/);
        assert.ok(d.line >= 1 && d.line <= lines.length && d.column >= 1 && d.length >= 1, `${d.file}:${d.line}:${d.column} ${d.code}`);
        assert.match(d.code, /^YAML\d{4}$/);
        assert.match(d.message, /[.?!]$/, d.message);
      }
      formatDiagnostics(result.errors, { "operator.yaml": operator, "crd.yaml": crd });
    } catch (error) {
      throw new Error(`seed ${seed} (again: SEED=${seed})\n--- operator.yaml\n${operator}\n--- crd.yaml\n${crd}`, { cause: error });
    }
  }
  assert.ok(process.env["SEED"] !== undefined || refused > runs / 4, `only ${refused} of ${runs} were refused: the accidents are too harmless`);
});
