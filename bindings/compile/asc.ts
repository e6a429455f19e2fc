/**
 * Runs the AssemblyScript compiler in this process, on files that the caller provides: the same in Node and in a browser.
 * What it has to say comes back as data.
 */
import type { Diagnostic, Sources } from "../codegen/diagnostic.ts";

export interface CompileInput {
  /** The text of a file of the operator (`reconcile.ts`, `generated/entry.ts`), or null when there is none. */
  readSource(file: string): string | null;
  /** Likewise of the library that ships with toque (`sdk/index.ts`, `abi/state.ts`). */
  readLibrary(file: string): string | null;
  entry: string;
  debug: boolean;
}

export interface CompileOutput {
  /** Undefined when there are errors. */
  wasm: Uint8Array | undefined;
  errors: Diagnostic[];
  warnings: Diagnostic[];
  /** Every source that was read, for printing diagnostics. */
  sources: Sources;
}

/** Stands for the folder of the library: no path of a machine gets into the module. */
const LIBRARY = "library";

const OPTIONS = [
  "--runtime", "stub", "--lib", LIBRARY, "--use", "abort=~lib/abi/exports/abortWithMessage", "--enable", "simd",
  "--exportStart", "_initialize", "--outFile", "core.wasm",
];
const RELEASE = ["--optimizeLevel", "3", "--shrinkLevel", "0"];
const DEBUG = ["--optimizeLevel", "0", "--debug"];

/** What asc hands to `reportDiagnostic`; its own types are not importable. */
interface AscDiagnostic {
  code: number;
  /** 0 pedantic, 1 info, 2 warning, 3 error. */
  category: number;
  message: string;
  range: { start: number; end: number; source: { normalizedPath: string } | null } | null;
}

/** The compiler keeps state in globals: one compilation at a time. */
let last: Promise<unknown> = Promise.resolve();

/** Compiles an operator. Throws only when the compiler itself fails. */
export function compileAssembly(input: CompileInput): Promise<CompileOutput> {
  const run = last.then(() => compileNow(input));
  last = run.catch(() => undefined);
  return run;
}

async function compileNow(input: CompileInput): Promise<CompileOutput> {
  const asc = await import("assemblyscript/asc");
  const sources: Sources = {};
  const found: AscDiagnostic[] = [];
  let wasm: Uint8Array | undefined;
  const read = (file: string, folder: string): string | null => {
    const text = folder === LIBRARY ? input.readLibrary(file) : input.readSource(file);
    if (text !== null) sources[folder === LIBRARY ? `~lib/${file}` : file] = text;
    return text;
  };
  const result = await asc.main([input.entry, ...OPTIONS, ...(input.debug ? DEBUG : RELEASE)], {
    readFile: read,
    writeFile: (file: string, content: string | Uint8Array) => { if (file === "core.wasm") wasm = content as Uint8Array; },
    listFiles: () => [],
    reportDiagnostic: (diagnostic: unknown) => { found.push(diagnostic as AscDiagnostic); },
  });
  const errors = found.filter((each) => each.category === 3).map((each) => diagnosticOf(each, sources));
  const warnings = found.filter((each) => each.category === 2).map((each) => diagnosticOf(each, sources));
  if (result.error !== null && errors.length === 0) throw new Error(`the AssemblyScript compiler failed: ${result.error.message}\n${result.stderr.toString()}`, { cause: result.error });
  return { wasm: errors.length > 0 ? undefined : wasm, errors, warnings, sources };
}

function diagnosticOf(found: AscDiagnostic, sources: Sources): Diagnostic {
  const { range } = found;
  const code = found.code >= 1000 ? `TS${found.code}` : `AS${found.code}`;
  const file = range?.source?.normalizedPath ?? "";
  if (range === null) return { code, file, line: 1, column: 1, length: 1, message: found.message };
  return { code, file, ...placeOf(sources[file] ?? "", range.start), length: Math.max(1, range.end - range.start), message: found.message };
}

/** Line and column, from 1, of an offset in a text. */
export function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  return { line: before.split("\n").length, column: offset - lineStart + 1 };
}
