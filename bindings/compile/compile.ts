/** From an operator's sources to the bytes of its core: compiled, metered, with its manifest inside. */
import { CoreError } from "../../host/core/errors.ts";
import { importHint } from "../../host/core/hints.ts";
import { MANIFEST_SECTION } from "../../host/core/manifest.ts";
import { decodeModule } from "../../host/core/wasm/module.ts";
import type { Digest } from "../../host/platform/platform.ts";
import type { Diagnostic, Sources } from "../codegen/diagnostic.ts";
import { explain } from "../codegen/emit/explain.ts";
import { emitAssembly } from "../codegen/emit/index.ts";
import { stringifyJson } from "../protocol/json.ts";
import type { Manifest } from "../protocol/manifest.ts";
import { compileAssembly, placeOf } from "./asc.ts";
import { meter } from "./meter.ts";

export interface CoreSources {
  manifest: Manifest;
  /** The text of a file of the operator's folder, or null. `generated/` is made here and never asked for. */
  readSource(file: string): string | null;
  /** The text of a file of the library that ships with toque (`sdk/...`, `abi/...`), or null. */
  readLibrary(file: string): string | null;
  /** Faster to build, slower to run, with function names, and with a digest of its own. */
  debug?: boolean;
}

export type BuiltCore =
  | { ok: true; wasm: Uint8Array; digest: string; warnings: Diagnostic[]; sources: Sources }
  | { ok: false; errors: Diagnostic[]; warnings: Diagnostic[]; sources: Sources };

/**
 * Builds a core. Same sources, same manifest, same compiler: same bytes, on any machine. Mistakes of the author come back as
 * diagnostics. Touches no file.
 */
export async function buildCore(from: CoreSources, digest: Digest): Promise<BuiltCore> {
  const debug = from.debug === true;
  const generated = emitAssembly(from.manifest);
  const readSource = (file: string): string | null => {
    const name = file.startsWith("generated/") ? file.slice("generated/".length) : undefined;
    return name === undefined ? from.readSource(file) : (generated[name] ?? null);
  };
  const { wasm, errors, warnings, sources } = await compileAssembly({ readSource, readLibrary: from.readLibrary, entry: "generated/entry.ts", debug });
  if (wasm === undefined) return { ok: false, errors: explain(errors, sources, from.manifest), warnings, sources };
  const imported = importsOf(wasm, sources);
  if (imported.length > 0) return { ok: false, errors: explain(imported, sources, from.manifest), warnings, sources };
  try {
    const metered = meterCore(wasm, from.manifest, debug);
    return { ok: true, wasm: metered, digest: `sha256:${digest.sha256Hex(metered)}`, warnings, sources };
  } catch (error) {
    if (!(error instanceof CoreError)) throw error;
    const refused = { code: error.code, file: "reconcile.ts", line: 1, column: 1, length: 1, message: error.message };
    return { ok: false, errors: [refused], warnings, sources };
  }
}

function meterCore(wasm: Uint8Array, manifest: Manifest, debug: boolean): Uint8Array {
  const { fuel, depth, memoryMaxPages } = manifest.limits;
  const content = new TextEncoder().encode(stringifyJson(manifest));
  return meter(wasm, { name: `${manifest.name}.wasm`, fuel, depth, memoryMaxPages, keepNames: debug, customs: { [MANIFEST_SECTION]: content } });
}

/** What the module imports though a core may not, each where the author wrote it if that can be found. */
function importsOf(wasm: Uint8Array, sources: Sources): Diagnostic[] {
  const found = decodeModule(wasm).imports[0];
  if (found === undefined) return [];
  // What the author wrote: Math.random() asks the host for a seed.
  const called = found.name === "seed" ? "Math.random" : found.name.replace(/^.*\//, "");
  const hint = `${importHint(found.module, called)}.`;
  const message = `a core may not use ${called}.`;
  const own = Object.keys(sources).filter((file) => !file.startsWith("~lib/") && !file.startsWith("generated/"));
  const written = new RegExp(`\\b${called.split(".").map(escape).join("\\s*\\.\\s*")}\\b`);
  for (const file of own) {
    const match = written.exec(sources[file]!);
    if (match !== null) return [{ code: "CORE2003", file, ...placeOf(sources[file]!, match.index), length: match[0].length, message, hint }];
  }
  return [{ code: "CORE2003", file: "reconcile.ts", line: 1, column: 1, length: 1, message, hint }];
}

function escape(text: string): string {
  return text.replace(/[^A-Za-z0-9_]/g, "\\$&");
}
