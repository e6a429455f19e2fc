/**
 * `npm run bench`: our host against the same operator in four other frameworks, each on a fresh etcd and API server.
 *
 * Interleaved: every repetition measures everyone once, so that a machine that warms up or slows down is fair to all.
 * Results are kept as they come (build/bench), the table shows medians.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { contestants, missingOf, ROOT, type Contestant } from "./contestants.ts";
import { measure, type Measures, type Sizes } from "./meter/phases.ts";
import { benchPlane, installCrd, myAppCrd, OPERATOR_USER } from "./plane.ts";
import { goals, machine, table, type Runs } from "./report.ts";
import { compareTen } from "./ten.ts";

const USAGE = `usage: npm run bench -- [OPTION...]
  --reps N       repetitions (default 5)
  --only NAMES   comma-separated beginnings of names: toque, controller-runtime, kube-rs, kopf, client-node, ten
  --quick        small sizes, one repetition: does it run at all?
  --no-build     the peers are built already
  --write        write docs/BENCHMARKS.md
`;
const OUT = join(ROOT, "build/bench");
const FULL: Sizes = { coldStarts: 3, sequential: 200, burst: 1000 };
const QUICK: Sizes = { coldStarts: 1, sequential: 20, burst: 100 };

async function measureOne(contestant: Contestant, repetition: number, sizes: Sizes): Promise<Measures> {
  const plane = await benchPlane();
  try {
    await installCrd(plane, myAppCrd());
    const { kubeconfig } = plane.user(OPERATOR_USER);
    return await measure(plane, {
      command: contestant.command, environment: { ...contestant.environment, KUBECONFIG: kubeconfig },
      log: join(OUT, `${fileName(contestant.name)}-${repetition}.log`), auditLog: plane.auditLog,
    }, sizes, (line) => console.log(`  ${line}`));
  } finally {
    await plane.stop();
  }
}

function fileName(name: string): string { return name.replaceAll(/[^a-z0-9]+/g, "-"); }

async function measureAll(names: readonly Contestant[], repetitions: number, sizes: Sizes): Promise<Runs> {
  const runs = new Map<string, Measures[]>(names.map(({ name }) => [name, []]));
  for (let repetition = 1; repetition <= repetitions; repetition++) {
    for (const contestant of names) {
      console.log(`${contestant.name}, ${repetition} of ${repetitions}`);
      try {
        runs.get(contestant.name)?.push(await measureOne(contestant, repetition, sizes));
      } catch (error) {
        console.error(`  FAILED: ${(error as Error).message}`);
        process.exitCode = 1;
      }
      writeFileSync(join(OUT, "runs.json"), JSON.stringify(Object.fromEntries(runs), null, 1));
    }
  }
  return runs;
}

function documentOf(parts: readonly string[], repetitions: number): string {
  return `# Benchmarks

Measured on ${machine()}; medians of ${repetitions}, interleaved. \`npm run bench -- --write\` makes this page (the cost of a core by itself: \`tests/bench/core\`).

Each contestant runs MyApp -> Deployment + Service + status against an etcd and an API server of its own on the same machine, without
controllers: what the operator, the API server and the meter use of the processors, they take from each other. *Event to write* is from the answer to
the create call to the watch event of the write. *Burst* is 1,000 apps in ten namespaces, made 20 at a time.

${parts.filter((part) => part !== "").join("\n\n")}
`;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: {
    reps: { type: "string", default: "5" }, only: { type: "string" }, quick: { type: "boolean", default: false },
    "no-build": { type: "boolean", default: false }, write: { type: "boolean", default: false }, help: { type: "boolean", short: "h", default: false },
  } });
  if (values.help) return void process.stdout.write(USAGE);
  const wanted = (name: string): boolean => values.only === undefined || values.only.split(",").some((start) => name.startsWith(start));
  const repetitions = values.quick ? 1 : Number(values.reps);
  mkdirSync(OUT, { recursive: true });
  if (!values["no-build"]) execFileSync(join(ROOT, "tests/bench/peers/build.sh"), { stdio: "inherit" });

  const chosen = contestants().filter(({ name }) => wanted(name));
  const present = chosen.filter((contestant) => missingOf(contestant) === undefined);
  for (const contestant of chosen) {
    const file = missingOf(contestant);
    if (file !== undefined) console.log(`${contestant.name} is left out: there is no ${file}`);
  }
  const runs = await measureAll(present, repetitions, values.quick ? QUICK : FULL);
  const parts = runs.size > 0 ? [table(runs), goals(runs)] : [];
  if (wanted("ten")) parts.push(await compareTen(repetitions));
  console.log(`\n${parts.join("\n\n")}\n`);
  if (values.write) {
    const page = join(ROOT, "docs/BENCHMARKS.md");
    const kept = existsSync(page) ? keptPart(readFileSync(page, "utf8")) : "";
    writeFileSync(page, documentOf([...parts, kept], repetitions));
  }
}

/** What other benches have written stays: everything from their first heading on. */
function keptPart(page: string): string {
  const at = page.search(/^## The core/m);
  return at < 0 ? "" : page.slice(at).trimEnd();
}

await main();
