/** Guarantee 8: what a core may touch, and as whom. Each of these fails when its check is taken out. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Action, JsonObject } from "../../bindings/protocol/types.ts";
import { OWNER_LABEL } from "./declarations.ts";
import { applyPod, world } from "./testing/world.ts";

describe("8: least privilege", () => {
  const attempt = async (action: unknown): Promise<{ writes: string[]; reason: unknown; message: string }> => {
    const w = world(() => ({ actions: [action as Action] }));
    w.dish("tenant");
    await w.time.settle();
    const [condition] = (w.status("tenant")["conditions"] ?? [{}]) as [JsonObject];
    return { writes: w.writes().filter((write) => !write.includes("/dishes/")), reason: condition["reason"], message: String(condition["message"]) };
  };
  const object = (kind: string, metadata: JsonObject): JsonObject => ({ apiVersion: "v1", kind, metadata, spec: {} });
  const cases: [string, unknown, string, RegExp][] = [
    ["an undeclared kind", { type: "apply", stage: 0, reason: "", object: object("ClusterRole", { name: "admin" }) }, "Refused", /declare it under owns/],
    ["an undeclared verb", { type: "create", stage: 0, reason: "", object: object("ConfigMap", { name: "c" }) }, "Refused", /may not create/],
    ["another namespace", { type: "apply", stage: 0, reason: "", object: object("Pod", { name: "p", namespace: "other" }) }, "Refused", /in namespace other/],
    ["a kind without namespace", { type: "apply", stage: 0, reason: "", object: object("Node", { name: "n" }) }, "Refused", /uidLabel/],
    ["an object that it never saw", { type: "delete", stage: 0, reason: "", target: { apiVersion: "v1", kind: "Pod", name: "p" }, uid: "u" }, "NotOwned", /no object of its own/],
    ["a kind that it only reads", { type: "apply", stage: 0, reason: "", object: object("Recipe", { name: "r" }) }, "Refused", /does not own/],
  ];
  for (const [what, action, reason, message] of cases) {
    it(`refuses ${what} before it reaches the API server`, async () => {
      const outcome = await attempt(action);
      assert.deepEqual(outcome.writes, []);
      assert.equal(outcome.reason, reason);
      assert.match(outcome.message, message);
    });
  }

  it("lets a link by label reach where it was declared to", async () => {
    const w = world(() => ({ actions: [{ type: "apply", stage: 0, reason: "", object: object("Role", { name: "r" }) as never }, { type: "apply", stage: 0, reason: "", object: object("Volume", { name: "v", namespace: "vault" }) as never }] }));
    const { metadata } = w.dish("a") as unknown as { metadata: { uid: string } };
    await w.time.settle();
    const volume = w.api.objects.get("/api/v1/namespaces/vault/volumes/v")!["metadata"] as JsonObject;
    assert.deepEqual([volume["labels"], volume["ownerReferences"]], [{ [OWNER_LABEL]: metadata.uid }, undefined]);
    assert.deepEqual(w.seen.at(-1)!.owned.map((owned) => owned.metadata.name), ["r", "v"]);
    assert.equal(w.writes().length, 2);
  });

  it("keeps a host that is limited to namespaces within them: nothing is written elsewhere, and nothing there is taken for absent", async () => {
    const volume = (namespace: string): Action => ({ type: "apply", stage: 0, reason: "", object: object("Volume", { name: "v", namespace }) as never });
    const get = { type: "get", id: "get v1 Recipe vault/r", target: { apiVersion: "v1", kind: "Recipe", namespace: "vault", name: "r" } } as const;
    const list = { type: "list", id: "list v1 Recipe ?", apiVersion: "v1", kind: "Recipe", selector: "" } as const;
    const near = { type: "list", id: "list v1 Recipe cellar?", apiVersion: "v1", kind: "Recipe", namespace: "cellar", selector: "" } as const;
    let to = "cellar";
    const w = world(({ answers }) => ({ questions: [get, list, near].filter(({ id }) => answers[id] === undefined), actions: [volume(to)] }), { namespaces: ["kitchen", "cellar"] });
    w.api.put("/api/v1/namespaces/vault/recipes/r", object("Recipe", { name: "r", namespace: "vault" }));
    w.dish("a");
    await w.time.settle();
    const outside = { state: "unobserved", reason: "NamespaceNotWatched" };
    assert.deepEqual(w.seen.at(-1)!.answers, { [get.id]: outside, [list.id]: outside, [near.id]: { state: "value", value: [] } });
    assert.deepEqual(w.writes(), ["POST /api/v1/namespaces/cellar/volumes/v"]);
    to = "vault";
    w.api.change("/apis/example.dev/v1/namespaces/kitchen/dishes/a", { spec: { x: 1 } });
    await w.time.settle();
    assert.match(JSON.stringify(w.status("a")), /"Refused".*in namespace vault, and this host watches kitchen, cellar only \(--namespace\)/);
    assert.equal(w.writes().filter((write) => write.includes("vault")).length, 0);
  });

  it("sends every write as the operator's own account", async () => {
    const impersonate = { user: "system:serviceaccount:toque:chef", groups: ["system:serviceaccounts"] };
    const w = world(() => ({ actions: [applyPod("p")], status: { phase: "Ready" } }), { options: { impersonate } });
    w.dish("a");
    await w.time.settle();
    assert.equal(w.api.writes.length, 2);
    for (const write of w.api.writes) assert.deepEqual(write.impersonate, impersonate);
  });
});
