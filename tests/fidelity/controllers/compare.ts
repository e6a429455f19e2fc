/** Plays a scenario on the embedded cluster, then on the real one, which has to come to the same rest at every look. */
import { differences, rest, type Rest } from "./rest.ts";
import { Stage, type Backend, type Scenario } from "./stage.ts";

const PATIENCE_MS = 45_000;
/** It has to stay as it is for so long: what passes by on its way is no rest. */
const STEADY_MS = 250;

export async function compareScenario({ name, run }: Scenario, embedded: Backend, real: Backend): Promise<string[]> {
  const ns = name.replaceAll(/[^a-z0-9]+/g, "-").replace(/-$/, "").slice(0, 50);
  const looks = new Map<string, Rest>();
  await play(run, embedded, ns, async (stage, label, plurals) => {
    stage.backend.settle();
    looks.set(label, await rest(stage, plurals));
  });
  const found: string[] = [];
  await play(run, real, ns, async (stage, label, plurals) => {
    const wanted = looks.get(label)!;
    const deadline = performance.now() + PATIENCE_MS;
    let last: string[] = [];
    let sinceMs: number | undefined;
    while (performance.now() < deadline) {
      last = differences(wanted, await rest(stage, plurals));
      if (last.length > 0) sinceMs = undefined;
      else if (performance.now() - (sinceMs ??= performance.now()) >= STEADY_MS) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    found.push(...last.map((difference) => `${name}, ${label}: ${difference}`));
  });
  return found;
}

async function play(run: Scenario["run"], backend: Backend, ns: string, onLook: (stage: Stage, label: string, plurals: readonly string[]) => Promise<void>): Promise<void> {
  const stage: Stage = new Stage(backend, ns, (label, plurals) => onLook(stage, label, plurals));
  await stage.create("namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: ns } });
  // Pods are let in once the namespace has its ServiceAccount.
  await stage.until("the default ServiceAccount", async () => (await backend.request("GET", stage.path("serviceaccounts", "default"))).status === 200);
  await run(stage);
}
