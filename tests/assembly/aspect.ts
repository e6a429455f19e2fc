/**
 * Runs as-pect specs (assembly/**\/*.spec.ts): compiles one with asc in this process, with the options that cores are built
 * with (stub runtime, SIMD), and reports its tests.
 *
 * as-pect's own command is not used: it wants its own asc flags in a file, and its runtime is another.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { instantiate } from "@assemblyscript/loader";
import { EmptyReporter, TestContext } from "@as-pect/core";
import * as asc from "assemblyscript/asc";

export interface SpecResult { name: string; passed: boolean; message: string }

/** `root` is the checkout, `file` a path in it. Throws when the spec does not compile. */
export async function runSpec(root: string, file: string): Promise<SpecResult[]> {
  const binary = await compileSpec(root, file);
  const context = new TestContext({ reporter: new EmptyReporter(), binary, fileName: file } as ConstructorParameters<typeof TestContext>[0]);
  const imports = context.createImports({ env: { memory: new WebAssembly.Memory({ initial: 16 }) } });
  const module = await instantiate(binary as Uint8Array<ArrayBuffer>, imports);
  context.run(module as never);
  const broken = context.errors.map((error) => ({ name: file, passed: false, message: `${error.message}\n${error.stackTrace}` }));
  return [...broken, ...results(context.rootNode as unknown as Node, [])];
}

interface Node { type: number; name: string; children: Node[]; pass: boolean; ran: boolean; message: string | null; actual: unknown; expected: unknown; stackTrace: string | null }

/** as-pect's groups are 1, its tests 0. A group that failed before its tests were known is reported itself. */
function results(node: Node, path: string[]): SpecResult[] {
  const here = node.name === "" ? path : [...path, node.name];
  if (node.type === 1 && (node.pass || node.children.length > 0)) return node.children.flatMap((child) => results(child, here));
  return [{ name: here.join(" > "), passed: node.pass, message: node.pass ? "" : describe(node) }];
}

function describe({ message, actual, expected, stackTrace }: Node): string {
  const text = (value: unknown): string => (value === null ? "-" : String((value as { stringify(): string }).stringify()));
  return `${message ?? "failed"}\n  found    ${text(actual)}\n  expected ${text(expected)}\n${stackTrace ?? ""}`;
}

async function compileSpec(root: string, file: string): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  const args = [
    file, "node_modules/@as-pect/assembly/assembly/index.ts", "--lib", "assembly", "--runtime", "stub", "--enable", "simd", "--exportRuntime",
    "--exportTable", "--importMemory", "--exportStart", "_start", "--debug", "-o", "output.wasm", "--noColors",
  ];
  const { error, stderr } = await asc.main(args, {
    readFile: (name, baseDir) => read(join(root, baseDir, name)),
    writeFile: (name, contents) => { if (name.endsWith(".wasm")) binary = contents as Uint8Array; },
    listFiles: (folder, baseDir) => list(join(root, baseDir, folder)),
  });
  if (error !== null || binary === undefined) throw new Error(`${file} does not compile\n${stderr.toString()}`, { cause: error });
  return binary;
}

function read(path: string): string | null {
  if (path.endsWith("/asconfig.json")) return null; // For cores: a spec has imports, and as-pect's own `abort`.
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null; // Not there: asc looks on elsewhere.
  }
}

function list(path: string): string[] | null {
  try {
    return readdirSync(path).filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"));
  } catch {
    return null;
  }
}
