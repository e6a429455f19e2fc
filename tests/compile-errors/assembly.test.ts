/**
 * Mistakes that authors make in reconcile.ts, and what they are told: `assembly/<mistake>/reconcile.ts` and `expected.txt`.
 * `UPDATE=1` writes what is said now; read it before you commit it.
 *
 * All that a compiler finds in one go is compiled in one go: a compilation costs about a second, whatever it finds.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { formatDiagnostics, manifestOf } from "../../bindings/codegen/index.ts";
import type { Diagnostic } from "../../bindings/codegen/index.ts";
import { emitAssembly } from "../../bindings/codegen/emit/index.ts";
import { explain } from "../../bindings/codegen/emit/explain.ts";
import { compileAssembly } from "../../bindings/compile/asc.ts";
import { buildCore } from "../../bindings/compile/index.ts";
import { nodeDigest } from "../../host/platform/node/digest.ts";
import type { Manifest } from "../../bindings/protocol/manifest.ts";

const root = new URL("../../", import.meta.url).pathname;
const folder = new URL("./assembly/", import.meta.url).pathname;
const mistakes = readdirSync(folder).sort();
/** What only shows when everything else is right, or keeps the compiler from looking at anything else. */
const ALONE = new Set(["chance", "clock", "console", "no-reconcile", "optional-chaining"]);

const read = (path: string): string | null => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
};
const readLibrary = (file: string): string | null => read(join(root, "assembly", file));
const sourceOf = (mistake: string): string => readFileSync(join(folder, mistake, "reconcile.ts"), "utf8");

let manifest: Manifest;
/** What is said, by mistake. */
const said = new Map<string, string>();

/** As printed: places are those in the author's own file. */
function format(mistake: string, errors: readonly Diagnostic[]): string {
  const sources = { "reconcile.ts": sourceOf(mistake) };
  return formatDiagnostics(explain(errors, sources, manifest), sources);
}

async function compileTogether(names: string[]): Promise<void> {
  const generated = emitAssembly(manifest);
  const readSource = (file: string): string | null => {
    if (file === "entry.ts") return names.map((name, i) => `export { reconcile as r${i} } from "./${name}/reconcile";\n`).join("");
    if (file.startsWith("generated/")) return generated[file.slice("generated/".length)] ?? null;
    const [name, own] = file.split("/");
    return own === "reconcile.ts" ? sourceOf(name!).replace(`"./generated"`, `"../generated"`) : null;
  };
  const { errors } = await compileAssembly({ entry: "entry.ts", debug: true, readSource, readLibrary });
  for (const name of names) {
    const own = errors.filter((error) => error.file.startsWith(`${name}/`)).map((error) => ({ ...error, file: "reconcile.ts" }));
    said.set(name, format(name, own));
  }
}

async function compileAlone(name: string): Promise<void> {
  const readSource = (file: string): string | null => (file === "reconcile.ts" ? sourceOf(name) : null);
  const built = await buildCore({ manifest, readSource, readLibrary, debug: true }, nodeDigest);
  said.set(name, built.ok ? "It compiles." : format(name, built.errors));
}

describe("an author's mistakes", () => {
  before(async () => {
    const text = (name: string): string => readFileSync(join(root, "assembly/operators/myapp", name), "utf8");
    const result = manifestOf(text("operator.yaml"), text("crd.yaml"));
    assert.ok("manifest" in result);
    manifest = result.manifest;
    await compileTogether(mistakes.filter((name) => !ALONE.has(name)));
    for (const name of mistakes) if (ALONE.has(name)) await compileAlone(name);
  });

  for (const name of mistakes) {
    it(name, () => {
      const golden = join(folder, name, "expected.txt");
      if (process.env["UPDATE"] === "1") writeFileSync(golden, said.get(name)!);
      assert.equal(said.get(name), read(golden));
    });
  }
});
