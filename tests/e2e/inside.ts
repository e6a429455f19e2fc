/** Runs suites one after the other with Node's own runner, from within the cluster's network, and sums up. Started by run.ts. */
import { run } from "node:test";
import { relative } from "node:path";

const files = process.argv.slice(2);
const sum = { passed: 0, failed: 0, skipped: 0 };
const root = new URL("../../", import.meta.url).pathname;

for await (const event of run({ files, concurrency: 1 })) {
  if (event.type === "test:stdout" || event.type === "test:stderr") process.stdout.write(event.data.message);
  if (event.type !== "test:pass" && event.type !== "test:fail") continue;
  const { data } = event;
  if (data.details.type === "suite" || data.name === data.file) {
    // Its tests are counted, and blamed; only a hook's failure is told nowhere else.
    if (event.type === "test:fail" && String(event.data.details.error.failureType) === "hookFailed") console.log(`FAIL before ${data.name}\n${reason(event.data.details.error)}`);
    continue;
  }
  const seconds = (data.details.duration_ms / 1000).toFixed(1);
  const where = `${relative(root, data.file ?? "")}: ${data.name} (${seconds} s)`;
  if (data.skip !== undefined && data.skip !== false) {
    sum.skipped++;
    console.log(`skip ${where}`);
  } else if (event.type === "test:pass") {
    sum.passed++;
    console.log(`ok   ${where}`);
  } else {
    sum.failed++;
    console.log(`FAIL ${where}\n${reason(event.data.details.error)}`);
  }
}

/** What was thrown, not what the runner made of it. */
function reason(error: Error): string {
  const { cause } = error;
  return cause instanceof Error ? cause.stack ?? cause.message : String(cause ?? error.stack);
}

console.log(`${sum.passed} passed, ${sum.failed} failed${sum.skipped > 0 ? `, ${sum.skipped} skipped` : ""}`);
// Open connections of a failed suite must not hold the end up.
process.exit(sum.failed > 0 ? 1 : 0);
