/** `toque build`: an operator's folder in, `generated/` and `build/<name>.wasm` out. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { nodeDigest } from "../../host/platform/node/digest.ts";
import { DEFAULT_FILE_NAMES, formatDiagnostics, manifestOf, type Diagnostic, type Sources } from "../codegen/index.ts";
import { emitAssembly } from "../codegen/emit/index.ts";
import type { Manifest } from "../protocol/manifest.ts";
import { buildCore } from "./compile.ts";

export interface OperatorBuildOptions {
  debug?: boolean;
  /** Also write `<name>.component.wasm`. */
  component?: boolean;
}

export type BuildReport =
  | {
    ok: true; manifest: Manifest; wasmFile: string; componentFile: string | undefined; bytes: number; gzippedBytes: number; digest: string;
    /** Formatted for people; empty when there are none. */
    warnings: string;
    ms: number;
  }
  | { ok: false; errors: string; diagnostics: Diagnostic[]; ms: number };

/**
 * The library that ships with toque: `assembly/`, two levels up both from here and from the bundle in `build/dist`. An
 * operator's folder may lie anywhere; it imports "./generated" only, and that finds the library by name.
 */
const LIBRARY = fileURLToPath(new URL("../../assembly/", import.meta.url));

/**
 * Builds the operator in `folder` into `outFolder`. Author's mistakes are in the report; what can't be read or written throws.
 * Files appear whole or not at all, and a build that fails leaves the last good one.
 */
export async function buildOperator(folder: string, outFolder: string, options: OperatorBuildOptions = {}): Promise<BuildReport> {
  const started = performance.now();
  const ms = () => performance.now() - started;
  const failed = (diagnostics: Diagnostic[], sources: Sources): BuildReport =>
    ({ ok: false, errors: formatDiagnostics(diagnostics, sources), diagnostics, ms: ms() });
  const missing = missingFile(folder);
  if (missing !== undefined) return failed([missing], {});
  const [operatorYaml, crdYaml] = [read(folder, DEFAULT_FILE_NAMES.operator)!, read(folder, DEFAULT_FILE_NAMES.crd)!];
  const result = manifestOf(operatorYaml, crdYaml);
  if ("errors" in result) return failed(result.errors, { [DEFAULT_FILE_NAMES.operator]: operatorYaml, [DEFAULT_FILE_NAMES.crd]: crdYaml });

  const { manifest } = result;
  // Before compiling, so that an editor finds the types even of an operator that doesn't compile yet.
  for (const [file, text] of Object.entries(emitAssembly(manifest))) writeWhole(join(folder, "generated"), file, text);
  const built = await buildCore({ manifest, readSource: (file) => read(folder, file), readLibrary: (file) => read(LIBRARY, file), debug: options.debug }, nodeDigest);
  if (!built.ok) return failed(built.errors, built.sources);
  const wasmFile = writeWhole(outFolder, `${manifest.name}.wasm`, built.wasm);
  let componentFile: string | undefined;
  if (options.component === true) {
    const { componentOf } = await import("../component/component.ts");
    componentFile = writeWhole(outFolder, `${manifest.name}.component.wasm`, await componentOf(built.wasm));
  }
  const warnings = built.warnings.length === 0 ? "" : formatDiagnostics(built.warnings, built.sources);
  return {
    ok: true, manifest, wasmFile, componentFile, bytes: built.wasm.length, gzippedBytes: gzipSync(built.wasm).length, digest: built.digest, warnings, ms: ms(),
  };
}

function missingFile(folder: string): Diagnostic | undefined {
  for (const file of [DEFAULT_FILE_NAMES.operator, DEFAULT_FILE_NAMES.crd, "reconcile.ts"]) {
    if (existsSync(join(folder, file))) continue;
    return {
      code: "BUILD3001", file: join(folder, file), line: 1, column: 1, length: 1, message: "there is no such file.",
      hint: "An operator's folder holds operator.yaml, crd.yaml and reconcile.ts.",
    };
  }
  return undefined;
}

function read(folder: string, file: string): string | null {
  try {
    return readFileSync(join(folder, file), "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR") return null;
    throw error;
  }
}

/** Writes a file unless it holds the same already; by rename, so that nobody reads half of it. Returns its path. */
function writeWhole(folder: string, file: string, content: string | Uint8Array): string {
  const path = join(folder, file);
  mkdirSync(folder, { recursive: true });
  if (existsSync(path) && readFileSync(path).equals(Buffer.from(content as Uint8Array))) return path;
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, content);
  renameSync(temporary, path);
  return path;
}
