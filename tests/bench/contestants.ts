/** Who is measured: ours, and the same operator written with four other frameworks. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "../support/assets.ts";

export interface Contestant {
  readonly name: string;
  readonly command: readonly string[];
  readonly environment: { readonly [name: string]: string };
  /** Takes minutes, and comes last in every row: measured every other time. */
  readonly seldom?: true;
  /** Files that must be there. */
  readonly needs: readonly string[];
}

export const ROOT = new URL("../../", import.meta.url).pathname;
const PEERS = join(cacheFolder(), "peers");
export const CONTROLLER_RUNTIME = join(PEERS, "controller-runtime");
export const TOQUE = join(ROOT, "build/dist/toque.mjs");
export const OURS = "toque";

/** `node` is the one that runs the bench: client-node 2 and our bundle both want 22.19 or newer. */
export function contestants(): Contestant[] {
  const core = join(ROOT, "build/myapp.wasm");
  const kubeRs = join(PEERS, "kube-rs/release/myapp-operator");
  const kopf = join(PEERS, "kopf/bin/kopf");
  const clientNode = join(PEERS, "client-node/operator.mjs");
  // Ten at once is what each of them would be set to for a burst; the first is what its tutorial gives you.
  const ten = { WORKERS: "10" };
  return [
    { name: OURS, command: [process.execPath, TOQUE, "run", core], environment: {}, needs: [TOQUE, core] },
    { name: "controller-runtime", command: [CONTROLLER_RUNTIME], environment: {}, needs: [CONTROLLER_RUNTIME] },
    { name: "controller-runtime, 10 workers", command: [CONTROLLER_RUNTIME], environment: { ...ten, QPS: "1000", BURST: "2000" }, needs: [CONTROLLER_RUNTIME] },
    { name: "kube-rs, 10 at once", command: [kubeRs], environment: ten, needs: [kubeRs] },
    { name: "kopf", command: [kopf, "run", "--standalone", "--all-namespaces", join(ROOT, "tests/bench/peers/kopf/operator.py")], environment: {}, seldom: true, needs: [kopf] },
    { name: "client-node, 10 workers", command: [process.execPath, clientNode], environment: ten, seldom: true, needs: [clientNode] },
  ];
}

export function missingOf(contestant: Contestant): string | undefined {
  return contestant.needs.find((file) => !existsSync(file));
}
