/** The node of the only host is cut off and healed: nothing is lost, nothing is done twice. */
import { before, describe, it } from "node:test";
import { appSpec, converged, createApp, editApp, freshNamespace } from "./apps.ts";
import { cut, heal, kubectl } from "./cluster/cluster.ts";
import { deployHost, leader } from "./host.ts";

const namespace = "node";
const names = ["a", "b", "c"];

describe("a node that is cut off", () => {
  before(async () => {
    await deployHost(1);
    await freshNamespace(namespace);
    for (const name of names) await createApp(namespace, name, appSpec({ replicas: 0 }));
    await converged(namespace, names);
  });

  it("with the host on it: edits made meanwhile are carried out once it is back", async () => {
    const host = await leader();
    const node = Number(host.node.slice(1));
    await cut(node);
    try {
      for (const name of names) await editApp(namespace, name, { port: 9200 });
      await kubectl("wait", "--for=condition=Ready=Unknown", `node/${host.node}`, "--timeout=60s");
    } finally {
      await heal(node);
    }
    await converged(namespace, names, { timeoutMs: 120_000 });
    await kubectl("wait", "--for=condition=Ready", `node/${host.node}`, "--timeout=60s");
  });
});
