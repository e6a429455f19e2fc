/**
 * The SDK speaks the schemas' language: every name that AssemblyScript code writes into a plan, or looks for in what is
 * observed, is a name of the schema, and none of the schema's is missing there.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { JsonObject } from "./types.ts";

const root = new URL("../../", import.meta.url);
const source = (path: string): string => readFileSync(new URL(path, root), "utf8");
const schema = (name: string): JsonObject => JSON.parse(source(`bindings/protocol/schemas/${name}.schema.json`)) as JsonObject;

/** Names of members and words of closed lists, anywhere in a schema. */
function wordsOf(name: string): { members: Set<string>; words: Set<string> } {
  const members = new Set<string>();
  const words = new Set<string>();
  const walk = (value: unknown): void => {
    if (value === null || typeof value !== "object") return;
    for (const [key, inner] of Object.entries(value)) {
      if (key === "properties") Object.keys(inner as object).forEach((member) => members.add(member));
      if (key === "const" && typeof inner === "string") words.add(inner);
      if (key === "enum") (inner as unknown[]).forEach((word) => words.add(String(word)));
      walk(inner);
    }
  };
  walk(schema(name));
  return { members, words };
}

/** The keys in fragments of JSON such as `',"reason":'`. */
function keysWritten(code: string): string[] {
  return [...code.matchAll(/"(\w+)":/g)].map((match) => match[1]!);
}

const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort();

test("the SDK writes the members of a plan, its actions and its questions, and no others", () => {
  const written = ["assembly/sdk/plan-writer.ts", "assembly/sdk/question.ts"].flatMap((path) => keysWritten(source(path)));
  const members = ["plan", "action", "question", "http-call", "object-ref"].flatMap((name) => [...wordsOf(name).members]);
  assert.deepEqual(sorted(written), sorted(members));
});

test("the SDK knows every kind of action and every verdict", () => {
  const code = ["assembly/sdk/plan.ts", "assembly/sdk/plan-writer.ts", "bindings/codegen/emit/faces.ts"].map(source).join("\n");
  const verdicts = (schema("plan")["properties"] as { verdict: { enum: string[] } }).verdict.enum;
  const types = (schema("action")["$defs"] as unknown as { ActionType: { enum: string[] } }).ActionType.enum;
  for (const word of [...verdicts, ...types]) assert.ok(code.includes(`"${word}"`) || code.includes(`'${word}'`), `no "${word}" in the SDK`);
});

test("the SDK looks for the members of Observed, and no others", () => {
  const code = source("assembly/abi/observed-reader.ts");
  const looked = [...code.matchAll(/is\(key, keyEnd, "(\w+)"\)/g)].map((match) => match[1]!);
  assert.deepEqual(sorted(looked), sorted(Object.keys(schema("observed")["properties"] as object)));
});

test("the SDK's classes for answers and results have the schemas' members", () => {
  const wire = source("assembly/sdk/wire.ts");
  const members = (name: string): string[] => {
    const body = new RegExp(`export class ${name} \\{([^}]*)\\}`).exec(wire)?.[1];
    assert.ok(body !== undefined, `no class ${name} in assembly/sdk/wire.ts`);
    return sorted([...body.matchAll(/^ {2}(\w+):/gm)].map((match) => match[1]!));
  };
  assert.deepEqual(members("AnswerWire"), sorted(wordsOf("answer").members));
  assert.deepEqual(sorted([...members("Result"), ...members("ResultTarget")]), sorted(wordsOf("result").members));
});
