/** DaemonSets on nodes that are only said to be there. */
import type { Loose } from "../../../support/api-client.ts";
import { scenario, type Stage } from "../stage.ts";

const set = (image = "agent:1", more: Loose = {}): Loose => ({
  apiVersion: "apps/v1", kind: "DaemonSet", metadata: { name: "agent" },
  spec: { selector: { matchLabels: { app: "agent" } }, template: { metadata: { labels: { app: "agent" } }, spec: { containers: [{ name: "main", image }], nodeSelector: { of: "NS" } } }, ...more },
});
const ALL = ["daemonsets", "controllerrevisions", "pods"];

async function withNodes(stage: Stage, count: number, run: (names: string[]) => Promise<void>): Promise<void> {
  const names = Array.from({ length: count }, (_, n) => `${stage.ns}-n${n + 1}`);
  for (const name of names) await node(stage, name);
  try {
    await run(names);
  } finally {
    for (const name of names) await stage.backend.request("DELETE", stage.path("nodes", name));
  }
}
async function node(stage: Stage, name: string, labels: Loose = { of: stage.ns }): Promise<void> {
  await stage.create("nodes", { apiVersion: "v1", kind: "Node", metadata: { name, labels } });
  const at = new Date().toISOString().replace(/\.\d+Z/, "Z");
  await stage.must("PATCH", `${stage.path("nodes", name)}/status`, { status: { conditions: [{ type: "Ready", status: "True", reason: "KubeletReady", message: "", lastHeartbeatTime: at, lastTransitionTime: at }] } }, "application/merge-patch+json");
  await stage.until("the node's taint is gone", async () => ((await stage.get("nodes", name)).spec.taints ?? []).length === 0);
}
const ours = (stage: Stage, made: Loose): Loose => JSON.parse(JSON.stringify(made).replaceAll('"NS"', JSON.stringify(stage.ns)));

export const DAEMON_SETS = [
  scenario("daemonset on nodes that come and go", (stage) => withNodes(stage, 2, async (names) => {
    await stage.create("daemonsets", ours(stage, set()));
    await stage.ready((await stage.pods(2)).slice(0, 1));
    await stage.look("made", ...ALL, "events");
    await node(stage, `${stage.ns}-n3`);
    await stage.look("another node", ...ALL);
    await stage.patch("nodes", names[1]!, { metadata: { labels: { of: null } } });
    await stage.look("one less", ...ALL);
    await stage.patch("nodes", names[0]!, { spec: { taints: [{ key: "only", value: "db", effect: "NoSchedule" }] } });
    await stage.look("one may stay", ...ALL);
    await stage.backend.request("DELETE", stage.path("nodes", `${stage.ns}-n3`));
    await stage.look("its node is gone", ...ALL);
  })),
  scenario("daemonset rolling update", (stage) => withNodes(stage, 3, async () => {
    await stage.create("daemonsets", ours(stage, set()));
    await stage.ready(await stage.pods(3));
    await stage.look("first", ...ALL);
    await stage.patch("daemonsets", "agent", { spec: { template: { spec: { containers: [{ name: "main", image: "agent:2" }] } } } });
    for (let step = 0; step < 3; step++) {
      let next: Loose;
      await stage.until("a new Pod", async () => (next = (await stage.list("pods")).find(({ spec, status }) => spec.containers[0].image === "agent:2" && status.phase !== "Running")) !== undefined);
      await stage.look(`step ${step}`, ...ALL);
      await stage.ready([next]);
    }
    await stage.look("done", ...ALL);
  })),
  scenario("daemonset surging", (stage) => withNodes(stage, 2, async () => {
    await stage.create("daemonsets", ours(stage, set("agent:1", { updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } })));
    await stage.ready(await stage.pods(2));
    await stage.look("first", ...ALL);
    await stage.patch("daemonsets", "agent", { spec: { template: { spec: { containers: [{ name: "main", image: "agent:2" }] } } } });
    for (let step = 0; step < 2; step++) {
      let next: Loose;
      await stage.until("a new Pod", async () => (next = (await stage.list("pods")).find(({ spec, status }) => spec.containers[0].image === "agent:2" && status.phase !== "Running")) !== undefined);
      await stage.look(`beside ${step}`, ...ALL);
      await stage.ready([next]);
    }
    await stage.look("done", ...ALL);
  })),
  scenario("daemonset replaces the failed", (stage) => withNodes(stage, 1, async () => {
    await stage.create("daemonsets", ours(stage, set("agent:1", { updateStrategy: { type: "OnDelete" } })));
    const [first] = await stage.pods(1);
    await stage.end([first], "Failed");
    stage.pass(2);
    await stage.until("another", async () => (await stage.list("pods")).some(({ metadata }) => metadata.uid !== first.metadata.uid));
    await stage.look("replaced", ...ALL, "events");
    await stage.patch("daemonsets", "agent", { spec: { template: { spec: { containers: [{ name: "main", image: "agent:2" }] } } } });
    await stage.look("on delete", ...ALL);
  })),
];
