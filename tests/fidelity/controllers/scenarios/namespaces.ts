/** Namespaces: what each has from the start, and how they end. */
import type { Loose } from "../../../support/api-client.ts";
import { MERGE, scenario } from "../stage.ts";

const map = (name: string, more: Loose = {}): Loose => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, ...more } });
const pod = (name: string): Loose => ({ apiVersion: "v1", kind: "Pod", metadata: { name }, spec: { containers: [{ name: "main", image: "x" }] } });

export const NAMESPACES = [
  scenario("namespace with finalizers", async (stage) => {
    const ns = `${stage.ns}-gone`;
    await stage.create("namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: ns } });
    await stage.until("its ServiceAccount", async () => (await stage.backend.request("GET", `/api/v1/namespaces/${ns}/serviceaccounts/default`)).status === 200);
    await stage.must("POST", `/api/v1/namespaces/${ns}/configmaps`, map("held", { finalizers: ["example.dev/hold"] }));
    await stage.must("POST", `/api/v1/namespaces/${ns}/configmaps`, map("free"));
    await stage.must("POST", `/api/v1/namespaces/${ns}/pods`, pod("web"));
    await stage.look("before", "namespaces");
    await stage.must("DELETE", `/api/v1/namespaces/${ns}`);
    stage.pass(60);
    await stage.look("held", "namespaces");
    await stage.must("PATCH", `/api/v1/namespaces/${ns}/configmaps/held`, { metadata: { finalizers: null } }, MERGE);
    stage.pass(60);
    await stage.look("gone", "namespaces");
  }),
  scenario("namespace has its own", async (stage) => {
    await stage.until("its authority", async () => (await stage.backend.request("GET", stage.path("configmaps", "kube-root-ca.crt"))).status === 200);
    await stage.patch("configmaps", "kube-root-ca.crt", { data: { "ca.crt": "", extra: "x" } });
    await stage.until("it is put right", async () => (await stage.get("configmaps", "kube-root-ca.crt")).data.extra === undefined);
    await stage.delete("serviceaccounts", "default");
    await stage.look("again", "serviceaccounts");
  }),
];
