/**
 * `npm run browser`: what must hold in a browser. Bundles the embedded cluster, runs lives of it in headless Chromium and in
 * this Node, and compares the digests; says how large the bundle of cluster and host is.
 *
 * Needs Chromium (`CHROMIUM` names it; else /usr/bin/chromium). The last line is `N passed, N failed`.
 */
import { build } from "esbuild";
import { existsSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { chromium } from "playwright-core";
import { clusterLife, type Life } from "./life.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const GZIPPED_KB_MAX = 300;
const SEEDS = [1, 2, 3];
const REQUESTS = 12;

/** One script that leaves `exports` as a global; nothing of Node's may be in it. */
export async function bundleForBrowser(code: string, minify: boolean): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: ROOT, loader: "ts" }, bundle: true, write: false, format: "iife", globalName: "toque", platform: "browser", target: "es2024", minify, logLevel: "error",
  });
  return outputFiles[0]!.text;
}

async function livesInChromium(executablePath: string): Promise<Life[]> {
  const code = await bundleForBrowser(`export { clusterLife } from "./tests/browser/life.ts";`, false);
  const browser = await chromium.launch({ executablePath, args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"] });
  try {
    const page = await browser.newPage();
    await page.setContent("<!doctype html><title>life</title>");
    await page.addScriptTag({ content: code });
    const lives: Life[] = [];
    for (const seed of SEEDS) lives.push(await page.evaluate(`toque.clusterLife(${seed}, ${REQUESTS})`) as Life);
    return lives;
  } finally {
    await browser.close();
  }
}

async function main(): Promise<number> {
  const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
  if (!existsSync(executablePath)) {
    console.log(`no Chromium at ${executablePath}: install the package chromium, or name one by CHROMIUM`);
    if (process.env["TOQUE_REQUIRE_CLUSTER"] === "1") console.log("0 passed, 1 failed");
    return process.env["TOQUE_REQUIRE_CLUSTER"] === "1" ? 1 : 0;
  }
  let [passed, failed] = [0, 0];
  const check = (holds: boolean, words: string): void => {
    console.log(`${holds ? "ok  " : "FAIL"} ${words}`);
    if (holds) passed++;
    else failed++;
  };
  const theirs = await livesInChromium(executablePath);
  for (const [n, seed] of SEEDS.entries()) {
    const ours = await clusterLife(seed, REQUESTS);
    const life = theirs[n]!;
    check(ours.digest === life.digest && ours.requests > 500, `seed ${seed}: ${ours.requests} requests, ${ours.events} events, sha256 ${ours.digest.slice(0, 16)} in Node, ${life.digest.slice(0, 16)} in Chromium`);
  }
  const shipped = await bundleForBrowser(`export { createCluster } from "./host/cluster/cluster.ts"; export { startHost } from "./host/runtime/host.ts"; export { createInformers } from "./host/runtime/informers.ts"; export { loadCore } from "./host/core/load.ts";`, true);
  const gzippedKb = gzipSync(shipped, { level: 9 }).length / 1000;
  check(gzippedKb <= GZIPPED_KB_MAX, `cluster and host: ${(shipped.length / 1000).toFixed(0)} KB, ${gzippedKb.toFixed(0)} KB gzipped (at most ${GZIPPED_KB_MAX})`);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

if (import.meta.main) process.exitCode = await main();
