/**
 * A script is a piece of code that talks to one API server. It runs against a real one and against the embedded cluster, and
 * the two transcripts must be the same, but for what `normalise.ts` takes out.
 */
import type { Script } from "./declare.ts";
import { differences, Normaliser } from "./normalise.ts";
import { type Entry, type Server, Target } from "./target.ts";

export interface Comparison {
  readonly script: Script;
  readonly requests: number;
  /** How many of them the real server refused. */
  readonly refused: number;
  /** Empty when the transcripts are the same. */
  readonly mismatches: readonly string[];
}

/** Runs one script against both, side by side. */
export async function compare(one: Script, real: Server, embedded: Server): Promise<Comparison> {
  const ns = `f-${one.feature}-${one.name}`.toLowerCase().replace(/[^a-z0-9-]+/g, "-").replace(/-+$/, "").slice(0, 60);
  const [ours, theirs] = await Promise.all([transcriptOf(one, embedded, ns), transcriptOf(one, real, ns)]);
  const mismatches: string[] = [];
  for (let n = 0; n < Math.max(ours.entries.length, theirs.entries.length); n++) {
    const [left, right] = [theirs.entries[n], ours.entries[n]];
    const found = left === undefined || right === undefined
      ? [`one transcript ends: real ${left?.what ?? "ended"}, embedded ${right?.what ?? "ended"}`]
      : left.status === 0 ? []
      : differences(theirs.normaliser.entry(left), ours.normaliser.entry(right));
    if (found.length === 0) continue;
    mismatches.push(`#${n + 1} ${(left ?? right)!.what.slice(0, 600)}\n    ${found.join("\n    ")}`);
    // What follows a difference usually follows from it.
    if (mismatches.length === 3) break;
  }
  for (const side of [theirs, ours]) if (side.error !== undefined) mismatches.push(side.error);
  return { script: one, requests: theirs.entries.length, refused: theirs.entries.filter(({ status }) => status >= 400).length, mismatches };
}

interface Transcript { readonly entries: readonly Entry[]; readonly normaliser: Normaliser; readonly error: string | undefined }

async function transcriptOf(one: Script, server: Server, ns: string): Promise<Transcript> {
  const target = new Target(server);
  const normaliser = new Normaliser();
  const api = Object.assign(target, { ns, generated: (name: string, prefix: string) => normaliser.generated(name, prefix) });
  let error: string | undefined;
  try {
    const made = await target.send({ method: "POST", path: "/api/v1/namespaces", body: { apiVersion: "v1", kind: "Namespace", metadata: { name: ns } } }, true);
    if (made.status >= 300) throw new Error(`namespace ${ns}: ${made.status} ${JSON.stringify(made.body)}`);
    await one.run(api);
  } catch (thrown) {
    error = `${server.name}: the script threw: ${(thrown as Error).stack ?? String(thrown)}`;
  } finally {
    target.close();
  }
  return { entries: target.transcript, normaliser, error };
}
