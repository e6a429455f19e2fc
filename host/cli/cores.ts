/** Modules from files, with errors for people. */
import { globSync, readFileSync } from "node:fs";
import type { Core } from "../core/core.ts";
import { loadCore } from "../core/load.ts";
import { nodePlatform } from "../platform/node/index.ts";
import { CliError, coded, EXIT, unreadable } from "./errors.ts";

export function readCore(file: string): { core: Core; bytes: Uint8Array } {
  const bytes = readBytes(file);
  if (isComponent(bytes)) throw new CliError(EXIT.usage, `${file} is a component, for other runtimes; toque itself takes the module beside it: ${file.replace(/\.component\.wasm$/, ".wasm")}`);
  try {
    return { core: loadCore(bytes, nodePlatform(), file), bytes };
  } catch (error) {
    if (error instanceof Error && "code" in error) throw new CliError(EXIT.usage, coded(error), { cause: error });
    throw error;
  }
}

/** Same magic as a module; the layer is another. */
function isComponent(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, 8)).toString("hex") === "0061736d0d000100";
}

/** The module named, or the only one in build/. */
export function onlyCore(file: string | undefined): string {
  if (file !== undefined) return file;
  const found = globSync("build/*.wasm").filter((name) => !name.endsWith(".component.wasm"));
  if (found.length === 1) return found[0]!;
  throw new CliError(EXIT.usage, found.length === 0
    ? "no module in build/: run `toque build FOLDER` first, or name one"
    : `several modules in build/ (${found.join(", ")}): name one`);
}

function readBytes(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new CliError(EXIT.usage, unreadable(file, error, "`toque build FOLDER` makes modules"), { cause: error });
  }
}
