/** `toque inspect`: verifies a module, and shows what it is and what it may do. */
import { gzipSync } from "node:zlib";
import type { Manifest } from "../../../bindings/protocol/manifest.ts";
import { readCore } from "../cores.ts";
import { table } from "../table.ts";

export async function inspect(file: string, options: { json?: boolean }): Promise<void> {
  const { core, bytes } = readCore(file);
  const { manifest } = core;
  if (options.json) {
    const { crd: _, types: __, ...short } = manifest;
    console.log(JSON.stringify({ file, digest: core.digest, bytes: bytes.length, manifest: short }, null, 2));
    return;
  }
  console.log(`${manifest.name} ${manifest.version}  (protocol ${manifest.protocol}, verified)`);
  console.log(`${core.digest}`);
  console.log(`${kib(bytes.length)}, ${kib(gzipSync(bytes).length)} gzipped\n`);
  console.log(table(["KIND", "", "MAY"], rows(manifest)));
  const { limits } = manifest;
  console.log(`\nfinalizer  ${manifest.finalizer ? "yes" : "no"}`);
  console.log(`limits     fuel ${limits.fuel}, depth ${limits.depth}, memory ${limits.memoryMaxPages / 16} MiB, plan ${kib(limits.planBytesMax)}, ${limits.actionsMax} actions, ${limits.questionsMax} questions, ${limits.roundsMax} rounds`);
}

function rows(manifest: Manifest): string[][] {
  return [
    [name(manifest.for), "for", "status" + (manifest.finalizer ? ", finalizer" : "")],
    ...manifest.owns.map((kind) => [name(kind), kind.link === "uidLabel" ? "owns by label" : "owns", kind.verbs.join(", ")]),
    ...manifest.reads.map((kind) => [name(kind), kind.byName ? "reads by name" : "reads", "-"]),
    ...manifest.calls.map((call) => [`${call.targetKind} :${call.port}`, "calls", `${call.method} ${call.path} (${call.effect})`]),
  ];
}

function name(kind: { apiVersion: string; kind: string }): string {
  return `${kind.apiVersion} ${kind.kind}`;
}

function kib(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KiB`;
}
