/** Owners and what they leave behind. */
import type { Loose } from "../../../support/api-client.ts";
import { scenario } from "../stage.ts";

const map = (name: string, owners: Loose[] = [], more: Loose = {}): Loose => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, ownerReferences: owners, ...more } });
const owner = ({ apiVersion = "v1", kind = "ConfigMap", metadata }: Loose, more: Loose = {}): Loose => ({ apiVersion, kind, name: metadata.name, uid: metadata.uid, ...more });

export const GARBAGE = [
  ...(["Background", "Foreground", "Orphan"] as const).map((policy) => scenario(`garbage ${policy}`, async (stage) => {
    const top = await stage.create("configmaps", map("top"));
    const middle = await stage.create("configmaps", map("middle", [owner(top, { blockOwnerDeletion: true })]));
    await stage.create("configmaps", map("leaf", [owner(middle, { blockOwnerDeletion: true })]));
    await stage.create("configmaps", map("held", [owner(top, { blockOwnerDeletion: true })], { finalizers: ["example.dev/hold"] }));
    const other = await stage.create("configmaps", map("other"));
    await stage.create("configmaps", map("shared", [owner(top), owner(other)]));
    await stage.delete("configmaps", "top", policy);
    await stage.look("held", "configmaps");
    await stage.patch("configmaps", "held", { metadata: { finalizers: null } });
    await stage.look("let go", "configmaps");
  })),
  scenario("garbage of absent owners", async (stage) => {
    const uid = "00000000-0000-4000-8000-000000000001";
    const there = await stage.create("configmaps", map("there"));
    await stage.create("configmaps", map("of-nobody", [{ apiVersion: "v1", kind: "ConfigMap", name: "nobody", uid }]));
    await stage.create("configmaps", map("of-another-uid", [{ ...owner(there), uid }]));
    await stage.create("configmaps", map("of-unknown-kind", [{ apiVersion: "example.dev/v1", kind: "Thing", name: "x", uid }]));
    await stage.create("configmaps", map("half", [owner(there), { apiVersion: "v1", kind: "Secret", name: "x", uid }]));
    await stage.create("configmaps", map("of-cluster", [{ apiVersion: "v1", kind: "Namespace", name: stage.ns, uid: (await stage.get("namespaces", stage.ns)).metadata.uid }]));
    await stage.look("collected", "configmaps");
  }),
  scenario("garbage across namespaces", async (stage) => {
    const far = `${stage.ns}-far`;
    await stage.create("namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: far } });
    const elsewhere = await stage.must("POST", `/api/v1/namespaces/${far}/configmaps`, map("elsewhere"));
    await stage.create("configmaps", map("child", [owner(elsewhere)]));
    await stage.look("collected", "configmaps", "events");
  }),
];
