/** Prints what the core alone costs: `node tests/bench/core/run.ts [REPETITIONS]`. */
import { cpus } from "node:os";
import { measureCore } from "./measure.ts";
import type { Row } from "./measure.ts";

const repetitions = Number(process.argv[2] ?? 41);
const rows = [...(await measureCore(false, [3, 30, 300], repetitions)), ...(await measureCore(true, [3, 30, 300], repetitions))];
console.log(coreTable(rows));
console.log(`\nNode ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? "?"}; medians of ${repetitions}.`);

function coreTable(all: readonly Row[]): string {
  const head = "| Pods | observed, KB | plan, KB | memory, KiB | fuel | pass, us | of it putting back | of it fuel | plain JavaScript, us |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |";
  const share = (part: number, whole: number): string => `${part.toFixed(1)} (${Math.round((100 * part) / whole)} %)`;
  return [head, ...all.map((row) => {
    const restore = row.coreUs - row.withoutRestoreUs;
    const fuel = row.withoutRestoreUs - row.withoutRestoreAndFuelUs;
    return `| ${row.pods}, ${row.what} | ${(row.textUnits / 1000).toFixed(1)} | ${(row.planUnits / 1000).toFixed(1)} | ${row.memoryKiB} | ${row.fuelUsed.toLocaleString("en")} | ${row.coreUs.toFixed(1)} | ${share(restore, row.coreUs)} | ${share(fuel, row.coreUs)} | ${row.javascriptUs.toFixed(1)} |`;
  })].join("\n");
}
