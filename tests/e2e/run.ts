/**
 * `npm run e2e`: the host as a Pod on a real cluster. Builds core, bundle and image, brings a cluster up, runs the suites
 * from within its network, and takes everything down again, however they end.
 *
 * `npm run e2e -- --smoke` runs the two that show most on one node; `-- NAME...` the suites so named; `--keep` leaves the
 * cluster up for a look (tests/e2e/cluster/main.ts).
 */
import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { down, missing, up } from "./cluster/cluster.ts";
import { writeImage } from "./cluster/images.ts";
import { HOME, RUN, sandboxPid, STATE } from "./cluster/sandbox.ts";
import { hostImage } from "./image.ts";

const ROOT = join(import.meta.dirname, "../..");
/** In this order; the last looks back upon all. */
const SUITES = ["life", "server", "node", "crash", "leader", "calls", "many", "rest"] as const;
const SMOKE = ["life", "rest"];
// Kept apart from host.ts, which reads the cluster's certificate when it is loaded.
const HOST_IMAGE = "toque.test/host:e2e";

function build(): void {
  const node = (...args: string[]): void => { execFileSync(process.execPath, args, { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] }); };
  node("host/cli/main.ts", "build", "assembly/operators/myapp", "tests/e2e/store", "--no-component");
  node("host/cli/bundle.ts");
  writeImage(join(HOME, "images"), hostImage(HOST_IMAGE, join(ROOT, "build/dist"), ["myapp", "store"].map((name) => join(ROOT, `build/${name}.wasm`))));
}

/** Takes the cluster down when this process ends without having done so, SIGKILL included: the end of its pipe tells. */
function watchdog(): ChildProcess {
  const script = `read -r word; [ "$word" = done ] || exec "$0" "$1" down`;
  const child = spawn("/bin/sh", ["-c", script, process.execPath, join(import.meta.dirname, "cluster/main.ts")], { stdio: ["pipe", "ignore", "ignore"], detached: true });
  child.unref();
  return child;
}

/** What the components said last is worth more than a stack trace when a suite failed. */
function keepLogs(): void {
  const into = join(ROOT, "build/e2e");
  mkdirSync(into, { recursive: true });
  for (const file of readdirSync(RUN).filter((name) => name.endsWith(".log"))) copyFileSync(join(RUN, file), join(into, file));
  copyFileSync(join(STATE, "cp/audit.log"), join(into, "audit.log"));
  console.log(`logs of the cluster, and its audit log: ${into}`);
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { smoke: { type: "boolean", default: false }, keep: { type: "boolean", default: false } } });
  const lack = missing();
  if (lack !== undefined) {
    console.log(`no end-to-end tests: ${lack}`);
    const isRequired = process.env.TOQUE_REQUIRE_CLUSTER === "1";
    console.log(`0 passed, ${isRequired ? 1 : 0} failed, ${isRequired ? 0 : 1} skipped`);
    return isRequired ? 1 : 0;
  }
  const wanted = positionals.length > 0 ? positionals : values.smoke ? SMOKE : SUITES;
  const unknown = wanted.filter((name) => !(SUITES as readonly string[]).includes(name));
  if (unknown.length > 0) {
    console.error(`no suite ${unknown.join(", ")}; there are ${SUITES.join(", ")}`);
    return 2;
  }
  build();
  const guard = watchdog();
  try {
    await up(values.smoke ? 1 : 2, console.log);
    const files = SUITES.filter((name) => wanted.includes(name)).map((name) => join(import.meta.dirname, `${name}.e2e.ts`));
    const inside = ["-t", String(sandboxPid("cp")), "-n", process.execPath, join(import.meta.dirname, "inside.ts"), ...files];
    const { status } = spawnSync("nsenter", inside, { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"] });
    if (status !== 0) keepLogs();
    return status ?? 1;
  } finally {
    if (values.keep) console.log("the cluster is left up; node tests/e2e/cluster/main.ts down ends it");
    else await down();
    guard.stdin?.end("done\n");
  }
}

process.exitCode = await main().catch((error: Error) => {
  // What could not even start is a failure too, and counts as one.
  console.log(`${error.message}\n0 passed, 1 failed`);
  return 1;
});
