/**
 * The gallery of mistakes in `operator.yaml` and `crd.yaml`: each folder in `yaml/` holds the file that is wrong (the other
 * comes from `good/`) and the message that its author gets. `UPDATE=1` writes the messages anew; read them as their reader will.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { formatDiagnostics, manifestOf } from "../../bindings/codegen/index.ts";

const gallery = new URL("yaml/", import.meta.url);
const cases = readdirSync(gallery).filter((name) => name !== "good").sort();

function fileOf(folder: string, file: string): string {
  const own = new URL(`${folder}/${file}`, gallery);
  return readFileSync(existsSync(own) ? own : new URL(`good/${file}`, gallery), "utf8");
}

function messagesOf(folder: string): string {
  const sources = { "operator.yaml": fileOf(folder, "operator.yaml"), "crd.yaml": fileOf(folder, "crd.yaml") };
  const result = manifestOf(sources["operator.yaml"], sources["crd.yaml"]);
  return "errors" in result ? formatDiagnostics(result.errors, sources) : "";
}

test("the good folder has no mistake", () => assert.equal(messagesOf("good"), ""));

for (const name of cases) {
  test(`mistake: ${name}`, () => {
    const golden = new URL(`${name}/expected.txt`, gallery);
    const messages = messagesOf(name);
    assert.notEqual(messages, "", "the mistake goes unseen");
    if (process.env["UPDATE"] === "1") writeFileSync(golden, messages);
    assert.equal(messages, existsSync(golden) ? readFileSync(golden, "utf8") : "(no expected.txt: run with UPDATE=1)");
  });
}
