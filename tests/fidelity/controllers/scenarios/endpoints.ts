/** Services and their endpoints. */
import type { Loose } from "../../../support/api-client.ts";
import { scenario, type Stage } from "../stage.ts";

const pod = (name: string, labels: Loose, more: Loose = {}): Loose => ({ apiVersion: "v1", kind: "Pod", metadata: { name, labels }, spec: { containers: [{ name: "main", image: "x", ports: [{ name: "web", containerPort: 8080 }, { name: "dns", containerPort: 53, protocol: "UDP" }] }], ...more } });

async function withNode(stage: Stage, run: (name: string) => Promise<void>): Promise<void> {
  const name = `${stage.ns}-n1`;
  await stage.create("nodes", { apiVersion: "v1", kind: "Node", metadata: { name, labels: { "topology.kubernetes.io/zone": "z1" } } });
  try {
    await run(name);
  } finally {
    await stage.backend.request("DELETE", stage.path("nodes", name));
  }
}

export const ENDPOINTS = [
  scenario("endpoints of a service", async (stage) => {
    await withNode(stage, async (node) => {
      await stage.create("services", { apiVersion: "v1", kind: "Service", metadata: { name: "web", labels: { team: "a" } }, spec: { selector: { app: "web" }, ports: [{ name: "http", port: 80, targetPort: "web" }, { name: "dns", port: 53, targetPort: "dns", protocol: "UDP" }, { name: "plain", port: 9000 }] } });
      await stage.look("none", "endpointslices", "endpoints");
      for (const [n, name] of ["a", "b", "c"].entries()) {
        await stage.create("pods", pod(name, { app: "web" }, { nodeName: node, terminationGracePeriodSeconds: 30 }));
        await stage.status(name, { podIP: `10.9.0.${n + 1}`, podIPs: [{ ip: `10.9.0.${n + 1}` }] });
      }
      await stage.ready([{ metadata: { name: "a" } }, { metadata: { name: "b" } }]);
      await stage.look("two ready", "endpointslices", "endpoints");
      await stage.delete("pods", "a");
      await stage.look("one going", "endpointslices", "endpoints");
      await stage.patch("pods", "b", { metadata: { labels: { app: "other" } } });
      await stage.look("one other", "endpointslices", "endpoints");
      await stage.patch("services", "web", { metadata: { labels: { team: "b" } }, spec: { publishNotReadyAddresses: true } });
      await stage.look("all published", "endpointslices", "endpoints");
      await stage.delete("services", "web");
      await stage.look("gone", "endpointslices", "endpoints");
      for (const name of ["a", "b", "c"]) await stage.backend.request("DELETE", `${stage.path("pods", name)}?gracePeriodSeconds=0`);
    });
  }),
  scenario("endpoints of a headless service", async (stage) => {
    await withNode(stage, async (node) => {
      await stage.create("services", { apiVersion: "v1", kind: "Service", metadata: { name: "db" }, spec: { clusterIP: "None", selector: { app: "db" } } });
      await stage.create("pods", pod("db-0", { app: "db" }, { nodeName: node, hostname: "db-0", subdomain: "db" }));
      await stage.status("db-0", { podIP: "10.9.1.1", podIPs: [{ ip: "10.9.1.1" }] });
      await stage.ready([{ metadata: { name: "db-0" } }]);
      await stage.look("one", "endpointslices", "endpoints");
      await stage.backend.request("DELETE", `${stage.path("pods", "db-0")}?gracePeriodSeconds=0`);
    });
  }),
];
