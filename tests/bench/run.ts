/**
 * `npm run bench`: our host against the same operator in four other frameworks, each on a fresh etcd and API server.
 *
 * Interleaved: every repetition measures everyone once (the slow ones every other time), so that a machine that warms up or
 * slows down is fair to all. Results are kept as they come (build/bench), the table shows medians.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundle } from "../../host/cli/bundle.ts";
import { contestants, missingOf, ROOT, type Contestant } from "./contestants.ts";
import { measure, type Measures, type Phase, PHASES, type Sizes } from "./meter/phases.ts";
import { benchPlane, installCrd, myAppCrd, OPERATOR_USER } from "./plane.ts";
import { documentOf, goals, table, type Runs } from "./report.ts";
import { compareTen } from "./ten.ts";

const USAGE = `usage: npm run bench -- [OPTION...]
  --reps N       repetitions (default 5)
  --only NAMES   comma-separated beginnings of names: toque, controller-runtime, kube-rs, kopf, client-node, ten
  --phase NAME   only one apps at a time (one), or only the burst and the restart (burst)
  --quick        small sizes, one repetition: does it run at all?
  --no-build     ours and the peers are built already
  --write        write docs/BENCHMARKS.md
`;
const OUT = join(ROOT, "build/bench");
/** One at a time: the 99th of a hundred has to be more than one unlucky app. */
const FULL: Sizes = { coldStarts: 3, sequential: 500, burst: 1000 };
/** Memory hardly differs from one to the next. */
const TEN_REPETITIONS_MAX = 3;
const QUICK: Sizes = { coldStarts: 1, sequential: 20, burst: 100 };

async function measureOne(contestant: Contestant, repetition: number, sizes: Sizes, phases: readonly Phase[]): Promise<Measures> {
  const plane = await benchPlane();
  try {
    await installCrd(plane, myAppCrd());
    const { kubeconfig } = plane.user(OPERATOR_USER);
    const launch = {
      command: contestant.command, environment: { ...contestant.environment, KUBECONFIG: kubeconfig },
      log: join(OUT, `${fileName(contestant.name)}-${repetition}.log`), auditLog: plane.auditLog,
    };
    return await measure({ plane, launch, sizes, phases }, (line) => console.log(`  ${line}`));
  } finally {
    await plane.stop();
  }
}

function fileName(name: string): string { return name.replaceAll(/[^a-z0-9]+/g, "-"); }

async function measureAll(names: readonly Contestant[], repetitions: number, sizes: Sizes, phases: readonly Phase[]): Promise<Runs> {
  const runs = new Map<string, Measures[]>(names.map(({ name }) => [name, []]));
  for (let repetition = 1; repetition <= repetitions; repetition++) {
    // Each time somebody else begins.
    const first = (repetition - 1) % names.length;
    for (const contestant of [...names.slice(first), ...names.slice(0, first)]) {
      if (contestant.seldom === true && repetition % 2 === 0) continue;
      console.log(`${contestant.name}, ${repetition} of ${repetitions}`);
      const startedMs = performance.now();
      try {
        runs.get(contestant.name)?.push(await measureOne(contestant, repetition, sizes, phases));
        console.log(`  took ${((performance.now() - startedMs) / 1000).toFixed(0)} s`);
      } catch (error) {
        console.error(`  FAILED: ${(error as Error).message}`);
        process.exitCode = 1;
      }
      writeFileSync(join(OUT, "runs.json"), JSON.stringify(Object.fromEntries(runs), null, 1));
    }
  }
  return runs;
}

async function buildAll(): Promise<void> {
  execFileSync(process.execPath, [join(ROOT, "host/cli/main.ts"), "build", "assembly/operators/myapp"], { stdio: "inherit" });
  await bundle();
  execFileSync(join(ROOT, "tests/bench/peers/build.sh"), { stdio: "inherit" });
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: {
    reps: { type: "string", default: "5" }, only: { type: "string" }, phase: { type: "string" }, quick: { type: "boolean", default: false },
    "no-build": { type: "boolean", default: false }, write: { type: "boolean", default: false }, help: { type: "boolean", short: "h", default: false },
  } });
  if (values.help) return void process.stdout.write(USAGE);
  const phases = PHASES.filter((phase) => values.phase === undefined || values.phase === phase);
  if (phases.length === 0 || (values.phase !== undefined && values.write)) {
    process.stderr.write(phases.length === 0 ? USAGE : "--write wants all phases\n");
    process.exitCode = 2;
    return;
  }
  const wanted = (name: string): boolean => values.only === undefined || values.only.split(",").some((start) => name.startsWith(start));
  const repetitions = values.quick ? 1 : Number(values.reps);
  process.chdir(ROOT);
  mkdirSync(OUT, { recursive: true });
  if (!values["no-build"]) await buildAll();

  const chosen = contestants().filter(({ name }) => wanted(name));
  const present = chosen.filter((contestant) => missingOf(contestant) === undefined);
  for (const contestant of chosen) {
    const file = missingOf(contestant);
    if (file !== undefined) console.log(`${contestant.name} is left out: there is no ${file}`);
  }
  const runs = await measureAll(present, repetitions, values.quick ? QUICK : FULL, phases);
  const parts = runs.size > 0 ? [table(runs), goals(runs)] : [];
  if (wanted("ten") && values.phase === undefined) parts.push(await compareTen(Math.min(repetitions, TEN_REPETITIONS_MAX)));
  console.log(`\n${parts.join("\n\n")}\n`);
  if (values.write) {
    const page = join(ROOT, "docs/BENCHMARKS.md");
    writeFileSync(page, documentOf(parts, repetitions, existsSync(page) ? readFileSync(page, "utf8") : ""));
  }
}

await main();
