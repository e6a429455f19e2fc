// Installs the packages of package-lock.json when it changed since the last time. Runs before `npm start` and `npm test`,
// on any Node: nothing that needs installing may be imported here.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const stamp = `${root}node_modules/.toque-lock`;
const lock = createHash("sha256").update(readFileSync(`${root}package-lock.json`)).digest("hex");

if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== lock) {
  const npm = process.env.npm_execpath;
  const [command, args] = npm === undefined ? ["npm", []] : [process.execPath, [npm]];
  // Node is brought along as a package; a warning about the old one at hand would only confuse.
  const done = spawnSync(command, [...args, "ci", "--loglevel=error"], { cwd: root, stdio: "inherit" });
  if (done.status !== 0) {
    console.error("toque: installing the packages failed; the lines above say why. Run `npm ci` by hand to try again.");
    process.exit(done.status ?? 1);
  }
  mkdirSync(`${root}node_modules`, { recursive: true });
  writeFileSync(stamp, lock);
}
