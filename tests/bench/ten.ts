/**
 * Ten operators: in one host of ours, against ten processes with controller-runtime. Ten copies of MyApp under ten
 * groups, each with its own core; memory after start and after a hundred objects of each kind.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CONTROLLER_RUNTIME, ROOT, TOQUE } from "./contestants.ts";
import { OperatorProcess } from "./meter/operator.ts";
import { median } from "./meter/phases.ts";
import { isComplete, World } from "./meter/world.ts";
import { benchPlane, installCrd, myAppCrd, OPERATOR_USER } from "./plane.ts";

const TEN = 10;
const OBJECTS_EACH = 100;
const QUIET_MS = 2_000;
const groupOf = (index: number): string => `app${index}.example.dev`;

interface Memory { idle: number; loaded: number }

/** Returns a Markdown table, or a line that says why there is none. */
export async function compareTen(repetitions: number): Promise<string> {
  if (!existsSync(TOQUE) || !existsSync(CONTROLLER_RUNTIME)) return `Ten operators: not measured, since ${existsSync(TOQUE) ? CONTROLLER_RUNTIME : TOQUE} is not there.`;
  const cores = tenCores();
  const ours: Memory[] = [];
  const theirs: Memory[] = [];
  for (let repetition = 1; repetition <= repetitions; repetition++) {
    console.log(`ten operators, ${repetition} of ${repetitions}`);
    ours.push(await memoryOf((environment) => [{ command: [process.execPath, TOQUE, "run", ...cores], environment }]));
    theirs.push(await memoryOf((environment) => Array.from({ length: TEN }, (_, index) => ({
      command: [CONTROLLER_RUNTIME], environment: { ...environment, GROUP: groupOf(index), METRICS: "0" },
    }))));
  }
  const row = (label: string, of: (memory: Memory) => number): string => {
    const [a, b] = [median(ours.map(of)), median(theirs.map(of))];
    return `| ${label} | ${a.toFixed(0)} | ${b.toFixed(0)} | ${(a / b).toFixed(2)} |`;
  };
  return [
    "Ten operators (RSS in MiB): one host of ours with ten cores, against ten processes with controller-runtime. The goal is at most a third.", "",
    "| | toque | controller-runtime | ratio |", "| --- | ---: | ---: | ---: |",
    row("idle", ({ idle }) => idle), row(`after ${OBJECTS_EACH} objects for each`, ({ loaded }) => loaded),
  ].join("\n");
}

/** Ten copies of the MyApp operator's folder, each for a group of its own, compiled. Kept until MyApp itself comes out different. */
function tenCores(): string[] {
  const digest = createHash("sha256").update(readFileSync(join(ROOT, "build/myapp.wasm"))).digest("hex").slice(0, 12);
  const out = join(ROOT, `build/bench/ten-${digest}`);
  mkdirSync(out, { recursive: true });
  return Array.from({ length: TEN }, (_, index) => {
    const core = join(out, `myapp-${index}.wasm`);
    if (existsSync(core)) return core;
    const folder = join(ROOT, `assembly/operators/bench-${index}`);
    try {
      cpSync(join(ROOT, "assembly/operators/myapp"), folder, { recursive: true, filter: (path) => !/generated|__tests__|samples/.test(path) });
      for (const file of ["operator.yaml", "crd.yaml"]) {
        const text = readFileSync(join(folder, file), "utf8");
        writeFileSync(join(folder, file), text.replace(/^name: myapp$/m, `name: myapp-${index}`).replaceAll("example.dev", groupOf(index)));
      }
      execFileSync(process.execPath, [join(ROOT, "host/cli/main.ts"), "build", folder, "--no-component", "-o", out], { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    return core;
  });
}

async function memoryOf(launches: (environment: NodeJS.ProcessEnv) => { command: readonly string[]; environment: NodeJS.ProcessEnv }[]): Promise<Memory> {
  const plane = await benchPlane();
  const processes: OperatorProcess[] = [];
  const worlds: World[] = [];
  try {
    for (let index = 0; index < TEN; index++) {
      const text = JSON.stringify(myAppCrd()).replaceAll("example.dev", groupOf(index));
      await installCrd(plane, JSON.parse(text));
      await plane.api.must("POST", "/api/v1/namespaces", { metadata: { name: `ten-${index}` } });
      const world = new World(plane, groupOf(index));
      await world.watch();
      worlds.push(world);
    }
    const environment = { KUBECONFIG: plane.user(OPERATOR_USER).kubeconfig };
    const log = join(ROOT, "build/bench/ten.log");
    for (const launch of launches(environment)) processes.push(new OperatorProcess({ ...launch, log, auditLog: plane.auditLog }));
    const rest = async (): Promise<number> => {
      // The audit log is of all of them: they come to rest together.
      await Promise.all(processes.map((each) => each.idle(() => QUIET_MS, 120_000)));
      return processes.reduce((sum, each) => sum + each.memoryMib().now, 0);
    };
    const idle = await rest();
    await Promise.all(worlds.map(async (world, index) => {
      for (let object = 0; object < OBJECTS_EACH; object++) await world.createApp(`ten-${index}`, `a-${object}`);
    }));
    for (const [index, world] of worlds.entries()) {
      for (let object = 0; object < OBJECTS_EACH; object++) await world.wait(`ten-${index}/a-${object}`, isComplete, 120_000);
    }
    return { idle, loaded: await rest() };
  } finally {
    await Promise.all(processes.map((each) => each.stop()));
    for (const world of worlds) world.close();
    await plane.stop();
  }
}
