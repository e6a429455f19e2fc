/** A MyApp's whole life on a real cluster, with real Pods. */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { until } from "../support/wait.ts";
import { appSpec, childrenOf, converged, createApp, editApp, freshNamespace, paths } from "./apps.ts";
import { WEB_IMAGES } from "./cluster/images.ts";
import { inSandbox } from "./cluster/sandbox.ts";
import { api, deployHost } from "./host.ts";

const namespace = "life";
const ready = { waitForReady: true };

/** What a client of the Service reads. Cluster DNS and Service addresses work in the sandbox of the control plane. */
function visit(name: string): Promise<string> {
  return inSandbox("cp", ["busybox", "wget", "-qO-", `http://${name}.${namespace}.svc.cluster.local:8080/`]);
}

describe("a MyApp", () => {
  before(async () => {
    await deployHost(1);
    await freshNamespace(namespace);
  });

  it("is created: Pods run, the Service answers, the status says so", async () => {
    await createApp(namespace, "web", appSpec({ replicas: 1 }));
    await converged(namespace, ["web"], ready);
    assert.equal(await until("the Service answers", () => visit("web")), "version 1\n");
  });

  it("is scaled up and down", async () => {
    await editApp(namespace, "web", { replicas: 3 });
    await converged(namespace, ["web"], ready);
    await editApp(namespace, "web", { replicas: 1 });
    await converged(namespace, ["web"], ready);
  });

  it("gets a new image", async () => {
    await editApp(namespace, "web", { image: WEB_IMAGES[1] });
    await converged(namespace, ["web"], ready);
    await until("the new version answers", async () => await visit("web") === "version 2\n");
  });

  it("is put right after an edit by hand", async () => {
    await api.mergePatch(paths.deployment(namespace, "web"), { spec: { replicas: 4 } });
    await converged(namespace, ["web"], ready);
    const strategic = { spec: { template: { spec: { containers: [{ name: "app", image: "toque.test/wrong:1" }] } } } };
    await api.must("PATCH", paths.deployment(namespace, "web"), strategic, "application/strategic-merge-patch+json");
    await converged(namespace, ["web"], ready);
    await api.mergePatch(paths.service(namespace, "web"), { metadata: { labels: { app: "somebody-else" } } });
    await until("the label is back", async () => (await api.must("GET", paths.service(namespace, "web"))).metadata.labels.app === "web");
  });

  it("gets deleted children back", async () => {
    const { metadata: { uid } } = await api.must("GET", paths.service(namespace, "web"));
    await api.must("DELETE", paths.service(namespace, "web"));
    await api.must("DELETE", paths.deployment(namespace, "web"));
    await converged(namespace, ["web"], ready);
    assert.notEqual((await api.must("GET", paths.service(namespace, "web"))).metadata.uid, uid);
  });

  it("takes its children along when it is deleted", async () => {
    await api.must("DELETE", paths.myApp(namespace, "web"));
    await until("nothing is left", async () => {
      const { deployments, services } = await childrenOf(namespace);
      return deployments.length === 0 && services.length === 0;
    }, { timeoutMs: 60_000, everyMs: 100 });
  });
});
