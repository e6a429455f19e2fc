/** Tables and ratios out of measures, as Markdown. */
import { cpus, totalmem } from "node:os";
import { readFileSync } from "node:fs";
import { OURS } from "./contestants.ts";
import { median, type Measures } from "./meter/phases.ts";

/** Runs by contestant, in the order of the table. */
export type Runs = ReadonlyMap<string, readonly Measures[]>;

interface Row { readonly label: string; readonly of: readonly ((run: Measures) => number)[]; readonly digits: number }

const row = (label: string, digits: number, ...of: Row["of"]): Row => ({ label, of, digits });

const ROWS: readonly Row[] = [
  row("cold start, ms", 0, (run) => run.coldStart),
  row("one at a time: event to Deployment p50 / p99, ms", 1, (run) => run.writeDeployment.p50, (run) => run.writeDeployment.p99),
  row("one at a time: event to status p50 / p99, ms", 1, (run) => run.writeStatus.p50, (run) => run.writeStatus.p99),
  row("burst: all done, s", 2, (run) => run.burstSeconds),
  row("burst: CPU of operator / control plane, s", 1, (run) => run.burstOperatorCpuSeconds, (run) => run.burstControlPlaneCpuSeconds),
  row("burst: requests that write", 0, writesOf),
  row("burst: requests refused", 0, (run) => run.burstRefused),
  row("restart: idle after, s", 2, (run) => run.restartIdleSeconds),
  row("restart: writes", 0, (run) => run.restartWrites),
  row("RSS idle / after burst / peak, MiB", 0, (run) => run.memoryIdle, (run) => run.memoryAfterBurst, (run) => run.memoryPeak),
  row("RSS after restart, MiB", 0, (run) => run.memoryAfterRestart),
  row("load from elsewhere in the burst, cores", 2, (run) => run.otherLoadCores),
];

function writesOf(run: Measures): number {
  if (Number.isNaN(run.burstRefused)) return NaN;
  return ["create", "update", "patch", "delete"].reduce((sum, verb) => sum + (run.burstRequests[verb] ?? 0), 0);
}

function medianOf(runs: readonly Measures[], of: (run: Measures) => number): number { return median(runs.map(of)); }

export function table(runs: Runs): string {
  const names = [...runs.keys()];
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const cell = (value: number, digits: number): string => (Number.isNaN(value) ? "-" : value.toFixed(digits));
  const body = ROWS.map(({ label, of, digits }) => line([label, ...names.map((name) => of.map((each) => cell(medianOf(runs.get(name) ?? [], each), digits)).join(" / "))]));
  return [line(["", ...names]), line(["---", ...names.map(() => "---:")]), line(["runs", ...names.map((name) => String(runs.get(name)?.length ?? 0))]), ...body].join("\n");
}

interface Goal { readonly label: string; readonly of: (run: Measures) => number; readonly most: number; readonly against: "fastest" | "absolute" | string }

/** What is to be reached: at most so many times the fastest peer (or one of them), or at most so much. */
const GOALS: readonly Goal[] = [
  { label: "burst of 1,000", of: (run) => run.burstSeconds, most: 1.1, against: "fastest" },
  { label: "event to Deployment p50", of: (run) => run.writeDeployment.p50, most: 1.1, against: "fastest" },
  { label: "event to Deployment p99", of: (run) => run.writeDeployment.p99, most: 1.1, against: "fastest" },
  { label: "event to status p50", of: (run) => run.writeStatus.p50, most: 1.1, against: "fastest" },
  { label: "event to status p99", of: (run) => run.writeStatus.p99, most: 1.1, against: "fastest" },
  { label: "CPU of the burst", of: (run) => run.burstOperatorCpuSeconds, most: 1.5, against: "controller-runtime" },
  { label: "restart with 1,000: idle after, s", of: (run) => run.restartIdleSeconds, most: 1, against: "absolute" },
  { label: "restart with 1,000: writes", of: (run) => run.restartWrites, most: 0, against: "absolute" },
  { label: "RSS after the burst, MiB", of: (run) => run.memoryAfterBurst, most: 150, against: "absolute" },
];

export function goals(runs: Runs): string {
  const ours = runs.get(OURS);
  if (ours === undefined || ours.length === 0) return "";
  const lines = GOALS.map(({ label, of, most, against }) => {
    const value = medianOf(ours, of);
    if (Number.isNaN(value)) return `| ${label} | not measured | at most ${most} | - |`;
    if (against === "absolute") return `| ${label} | ${round(value)} | at most ${most} | ${value <= most ? "yes" : "no"} |`;
    const rival = rivalOf(runs, of, against);
    if (rival === undefined) return `| ${label} | ${round(value)} | no peer was measured | - |`;
    const ratio = value / rival.value;
    return `| ${label} | ${ratio.toFixed(2)} of ${rival.name} | at most ${most} | ${ratio <= most ? "yes" : "no"} |`;
  });
  return ["| ours | measured | goal | reached |", "| --- | ---: | ---: | --- |", ...lines].join("\n");
}

function rivalOf(runs: Runs, of: (run: Measures) => number, against: string): { name: string; value: number } | undefined {
  const rivals = [...runs].filter(([name, all]) => name !== OURS && all.length > 0 && (against === "fastest" || name === against))
    .map(([name, all]) => ({ name, value: medianOf(all, of) }));
  return rivals.sort((a, b) => a.value - b.value)[0];
}

function round(value: number): string { return Number(value.toFixed(2)).toString(); }

/** The page, made of `parts`. What other benches have written on it, from their first heading on, stays. */
export function documentOf(parts: readonly string[], repetitions: number, before: string): string {
  const at = before.search(/^## The core/m);
  const kept = at < 0 ? "" : before.slice(at).trimEnd();
  return `# Benchmarks

Measured on ${machine()}; medians of ${repetitions}, interleaved. \`npm run bench -- --write\` makes this page (the cost of a core by itself: \`tests/bench/core\`).

Each contestant runs MyApp -> Deployment + Service + status against an etcd and an API server of its own on the same machine, without
controllers: what the operator, the API server and the meter use of the processors, they take from each other. *Event to write* is from the answer to
the create call to the watch event of the write, over 500 apps. *Burst* is 1,000 apps in ten namespaces, made 20 at a time.

${[...parts, kept].filter((part) => part !== "").join("\n\n")}
`;
}

/** The machine in a line: figures without it say little. */
export function machine(): string {
  const model = cpus()[0]?.model.trim() ?? "unknown processor";
  const kernel = readFileSync("/proc/sys/kernel/osrelease", "utf8").trim();
  return `${cpus().length} cores (${model}), ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${kernel}, Node ${process.versions.node}`;
}
