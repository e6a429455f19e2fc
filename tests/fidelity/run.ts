/**
 * `npm run fidelity`: scripts and random requests, told to a real API server and to the embedded cluster, and compared.
 * Prints each mismatch, a table by feature, and at the end `N passed, N failed`; exit 1 on any mismatch.
 *
 * `npm run fidelity -- PATTERN...` runs the scripts whose feature and name contain one of the patterns; `SEED=n` repeats a
 * run, `COUNT=n` says how many random requests there are for each kind and feature.

 * `--self` compares two real servers with each other: what differs then is the comparison's own fault.
 */
import { readFileSync } from "node:fs";
import { startControlPlane } from "../support/control-plane.ts";
import { KNOWN, randomScripts, shortOf, tally, table } from "./suite.ts";
import { compare } from "./script.ts";
import type { Server } from "./target.ts";
import { embeddedServer } from "./embedded.ts";
import { SCRIPTS } from "./scripts/index.ts";

const args = process.argv.slice(2);
const patterns = args.filter((arg) => !arg.startsWith("--"));
const seed = Number(process.env["SEED"] ?? Math.floor(Math.random() * 1_000_000));
const perKind = Number(process.env["COUNT"] ?? 160);

async function realServer(): Promise<{ server: Server; stop(): Promise<void> }> {
  const plane = await startControlPlane({ audit: [] });
  if ("skipped" in plane) throw new Error(plane.skipped);
  return { server: { name: "real", url: plane.url, ca: readFileSync(plane.caPath, "utf8"), token: plane.token }, stop: () => plane.stop() };
}

const started = performance.now();
const real = await realServer();
const embedded = args.includes("--self") ? await realServer() : await embeddedServer();
try {
  const wanted = [...SCRIPTS, ...randomScripts(seed, perKind)].filter((one) => patterns.length === 0 || patterns.some((pattern) => `${one.feature} ${one.name}`.includes(pattern)))
    .filter(({ feature, name }) => patterns.length > 0 || !KNOWN.has(`${feature} ${name}`));
  console.log(`${wanted.length} scripts, SEED=${seed}`);
  for (const [name, why] of KNOWN) console.log(`left out: ${name}: ${why}`);
  const results = [];
  for (const one of wanted) {
    const result = await compare(one, real.server, embedded.server);
    results.push(result);
    if (result.mismatches.length > 0) console.log(`\nMISMATCH ${one.feature} ${one.name}\n  ${result.mismatches.join("\n  ")}`);
  }
  const rows = tally(results);
  console.log(table(rows));
  const wrong = results.filter(({ mismatches }) => mismatches.length > 0).length;
  const missing = patterns.length > 0 ? [] : shortOf(rows);
  for (const line of missing) console.log(`TOO FEW: ${line}`);
  console.log(`\n${((performance.now() - started) / 1000).toFixed(0)} s\n${results.length - wrong} passed, ${wrong + missing.length} failed`);
  process.exitCode = wrong + missing.length === 0 ? 0 : 1;
} finally {
  await Promise.all([real.stop(), embedded.stop()]);
}
