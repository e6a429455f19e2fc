import assert from "node:assert/strict";
import { test } from "node:test";
import { world } from "../../testing/world.ts";
import { CONFIG_MAPS, NAMESPACES, PODS, SERVICE_ACCOUNTS, type ConfigMap } from "../../typed/core.ts";
import type { OwnerReference } from "../../model.ts";
import type { Typed } from "../../typed/resource.ts";

function things() {
  const made = world({ nodes: 0 });
  const names = (): string[] => made.list(CONFIG_MAPS).filter(({ metadata }) => metadata.name !== "kube-root-ca.crt").map(({ metadata }) => metadata.name).sort();
  return {
    ...made, names,
    make: (name: string, owners: (Typed & { block?: boolean })[] = [], namespace = "default", finalizers?: string[]): ConfigMap => made.api.create(CONFIG_MAPS, {
      metadata: { name, namespace, ownerReferences: owners.map(refTo), ...(finalizers === undefined ? {} : { finalizers }) },
    }),
  };
}
const refTo = ({ apiVersion, kind, metadata: { name, uid }, block }: Typed & { block?: boolean }): OwnerReference => ({ apiVersion, kind, name, uid: uid!, ...(block === undefined ? {} : { blockOwnerDeletion: block }) });

test("in the background, what an owner leaves behind goes after it, all the way down", () => {
  const { api, settle, make, names } = things();
  const top = make("top");
  make("leaf", [make("middle", [top])]);
  make("shared", [top, make("other")]);
  api.delete(CONFIG_MAPS, top, { propagation: "Background" });
  settle();
  assert.deepEqual(names(), ["other", "shared"]);
});

test("in the foreground, an owner waits for those who block it", () => {
  const { api, settle, make, names, get } = things();
  const top = make("top");
  const held = make("held", [{ ...top, block: true }], "default", ["example.dev/hold"]);
  make("free", [{ ...top, block: false }]);
  api.delete(CONFIG_MAPS, top, { propagation: "Foreground" });
  settle();
  assert.deepEqual(names(), ["held", "top"]);
  assert.deepEqual(get(CONFIG_MAPS, "top").metadata.finalizers, ["foregroundDeletion"]);
  api.patch(CONFIG_MAPS, held, { metadata: { finalizers: null } });
  settle();
  assert.deepEqual(names(), []);
});

test("orphans are let go, and stay", () => {
  const { api, settle, make, names, get } = things();
  const top = make("top");
  make("child", [top]);
  api.delete(CONFIG_MAPS, top, { propagation: "Orphan" });
  settle();
  assert.deepEqual(names(), ["child"]);
  assert.equal(get(CONFIG_MAPS, "child").metadata.ownerReferences, undefined);
});

test("an owner that never was, or is another by now, or lives elsewhere, holds nothing", () => {
  const { api, settle, make, names, events } = things();
  api.create(NAMESPACES, { metadata: { name: "elsewhere" } });
  settle();
  const far = make("far", [], "elsewhere");
  const earlier = make("owner");
  api.delete(CONFIG_MAPS, earlier);
  make("owner");
  make("of-earlier", [earlier]);
  make("of-nobody", [{ ...earlier, metadata: { name: "nobody", uid: "00000000-0000-4000-8000-000000000000" } }]);
  make("of-far", [far]);
  settle();
  assert.deepEqual(names(), ["far", "owner"]);
  assert.ok(events().some((event) => event.startsWith(`OwnerRefInvalidNamespace: ownerRef [v1/ConfigMap, namespace: default, name: far, uid: ${far.metadata.uid}] does not exist in namespace "default"`)), events().join("\n"));
});

test("a dangling reference beside a good one is taken away", () => {
  const { api, settle, make, get } = things();
  const [good, bad] = [make("good"), make("bad")];
  make("child", [good, bad]);
  api.delete(CONFIG_MAPS, bad);
  settle();
  assert.deepEqual(get(CONFIG_MAPS, "child").metadata.ownerReferences!.map(({ name }) => name), ["good"]);
});

test("two that wait for each other don't wait for ever", () => {
  const { api, settle, make, names } = things();
  const a = make("a");
  const b = make("b", [{ ...a, block: true }]);
  api.patch(CONFIG_MAPS, a, { metadata: { ownerReferences: [refTo({ ...b, block: true })] } });
  settle();
  api.delete(CONFIG_MAPS, a, { propagation: "Foreground" });
  settle();
  assert.deepEqual(names(), []);
});

test("a namespace goes Pods first, then everything, then itself; its name is free again", () => {
  const { api, settle, advance, make, list, kit } = world2();
  api.create(NAMESPACES, { metadata: { name: "shop" } });
  settle();
  assert.ok(kit.store(SERVICE_ACCOUNTS).get("shop/default"));
  api.create(PODS, { metadata: { name: "web", namespace: "shop" }, spec: { containers: [{ name: "main", image: "nginx", lifecycle: { preStop: { sleep: { seconds: 5 } } } }] } });
  const held = make("held", [], "shop", ["example.dev/hold"]);
  advance(2000);
  api.delete(NAMESPACES, kit.store(NAMESPACES).get("shop")!);
  settle();
  const shop = () => kit.store(NAMESPACES).get("shop");
  assert.equal(shop()!.status!.phase, "Terminating");
  assert.equal(held.metadata.deletionTimestamp, undefined);
  advance(20_000);
  assert.deepEqual(shop()!.status!.conditions!.map(({ type, status, message }) => `${type} ${status} ${message}`).slice(3), [
    "NamespaceContentRemaining True Some resources are remaining: configmaps. has 1 resource instances",
    "NamespaceFinalizersRemaining True Some content in the namespace has finalizers remaining: example.dev/hold in 1 resource instances",
  ]);
  assert.throws(() => make("late", [], "shop"), /being terminated|is forbidden/);
  api.patch(CONFIG_MAPS, kit.store(CONFIG_MAPS).get("shop/held")!, { metadata: { finalizers: null } });
  settle();
  assert.equal(shop(), undefined);
  assert.equal(list(SERVICE_ACCOUNTS).some(({ metadata }) => metadata.namespace === "shop"), false);
  api.create(NAMESPACES, { metadata: { name: "shop" } });
  settle();
  assert.ok(kit.store(CONFIG_MAPS).get("shop/kube-root-ca.crt"));
});

function world2() {
  const made = world();
  return { ...made, make: (name: string, _: [], namespace: string, finalizers?: string[]): ConfigMap => made.api.create(CONFIG_MAPS, { metadata: { name, namespace, ...(finalizers === undefined ? {} : { finalizers }) } }) };
}

test("what every namespace has comes back when it is deleted or spoilt", () => {
  const { api, settle, get } = things();
  const account = get(SERVICE_ACCOUNTS, "default");
  api.delete(SERVICE_ACCOUNTS, account);
  api.patch(CONFIG_MAPS, get(CONFIG_MAPS, "kube-root-ca.crt"), { data: { "ca.crt": "forged" } });
  settle();
  assert.notEqual(get(SERVICE_ACCOUNTS, "default").metadata.uid, account.metadata.uid);
  assert.deepEqual(get(CONFIG_MAPS, "kube-root-ca.crt").data, { "ca.crt": "" });
});
