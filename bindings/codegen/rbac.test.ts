import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { stringifyJson } from "../protocol/json.ts";
import type { JsonObject } from "../protocol/types.ts";
import type { Manifest } from "../protocol/manifest.ts";
import { clusterScoped, deployOf, describeRules, manifestOf, rbacOf, rulesOf } from "./index.ts";
import type { Rule } from "./index.ts";

const read = (name: string): string => readFileSync(new URL(`testdata/${name}`, import.meta.url), "utf8");
function manifest(name: string): Manifest {
  const result = manifestOf(read(`${name}/operator.yaml`), read(`${name}/crd.yaml`));
  assert.ok("manifest" in result);
  return result.manifest;
}
const myapp = manifest("myapp");
const rich = manifest("rich");
const brief = (objects: JsonObject[]): string[] => objects.map((object) => {
  const { name, namespace } = object["metadata"] as { name: string; namespace?: string };
  return `${String(object["kind"])} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
});
const rulesIn = (objects: JsonObject[]): Rule[] => objects.flatMap((object) => (object["rules"] as unknown as Rule[] | undefined) ?? []);
const allow = (rules: Rule[], group: string, resource: string): string =>
  rules.filter((rule) => rule.apiGroups.includes(group) && rule.resources.includes(resource)).flatMap((rule) => rule.verbs).join();

describe("the permissions of an operator", () => {
  it("are exactly these for MyApp", () => {
    assert.deepEqual(describeRules(rulesOf(myapp)), [
      "services: get, list, watch, create, patch, delete",
      "deployments.apps: get, list, watch, create, patch",
      "horizontalpodautoscalers.autoscaling: get, list, watch",
      "events.events.k8s.io: create, patch",
      "myapps.example.dev: get, list, watch",
      "myapps/finalizers.example.dev: update",
      "myapps/status.example.dev: patch",
    ]);
  });

  it("are exactly these for an operator with calls, evictions, a finalizer and Secrets", () => {
    assert.deepEqual(describeRules(rulesOf(rich)), [
      "configmaps, nodes, secrets: get, list, watch",
      "persistentvolumeclaims: get, list, watch, create",
      "pods: get, list, watch, create, patch, delete",
      "pods/eviction, pods/proxy: create",
      "services: get, list, watch, create, patch",
      "services/proxy: get",
      "events.events.k8s.io: create, patch",
      "helpers.other.example.dev: get, list, watch, create, patch, delete",
      "services.serving.example.dev: get, list, watch, patch",
      "services/finalizers.serving.example.dev: update",
      "services/status.serving.example.dev: patch",
    ]);
  });

  it("follow each declared verb, and no other", () => {
    const verbs = (declared: Manifest["owns"][number]["verbs"]): string => {
      const owned = { ...rich.owns.find((o) => o.kind === "Pod")!, verbs: declared };
      const rules = rulesOf({ ...rich, owns: [owned], calls: [] });
      return `${allow(rules, "", "pods")} ${allow(rules, "", "pods/eviction")}`;
    };
    assert.equal(verbs(["apply"]), "get,list,watch,create,patch ");
    assert.equal(verbs(["create"]), "get,list,watch,create ");
    assert.equal(verbs(["patch"]), "get,list,watch,patch ");
    assert.equal(verbs(["adopt"]), "get,list,watch,patch ");
    assert.equal(verbs(["delete"]), "get,list,watch,delete ");
    assert.equal(verbs(["evict"]), "get,list,watch create");
    assert.equal(verbs([]), "get,list,watch ");
  });

  it("let the host forward to Pods where a call presents a certificate, instead of through the proxy", () => {
    const rules = rulesOf({ ...rich, calls: rich.calls.filter(({ targetKind }) => targetKind === "Pod").map((call) => ({ ...call, clientCertificate: true })) }, { actor: "host" });
    assert.deepEqual([allow(rules, "", "pods/portforward"), allow(rules, "", "pods/proxy")], ["get,create", ""]);
  });

  it("let the host mark the primary where a call may change something", () => {
    const calling = (effect: Manifest["calls"][number]["effect"]): string => {
      const rules = rulesOf({ ...rich, finalizer: false, calls: [{ ...rich.calls[0]!, effect }] });
      return allow(rules, "serving.example.dev", "services");
    };
    assert.deepEqual([calling("read"), calling("change"), calling("destructive")], ["get,list,watch", "get,list,watch,patch", "get,list,watch,patch"]);
  });

  it("hold no wildcard and nothing twice, wherever the host runs", () => {
    for (const m of [myapp, rich]) {
      for (const options of [{}, { watchNamespaces: ["a"] }, { hostAccount: "toque" }, { hostAccount: "toque", watchNamespaces: ["a", "b"] }]) {
        const rules = rulesIn(rbacOf(m, options));
        assert.ok(rules.length > 0 && !JSON.stringify(rules).includes("*"));
        for (const rule of rules) {
          assert.equal(rule.apiGroups.length, 1);
          assert.equal(new Set(rule.resources).size, rule.resources.length);
          assert.equal(new Set(rule.verbs).size, rule.verbs.length);
        }
      }
    }
  });

  it("stay in the namespaces given, but for what has none", () => {
    const objects = rbacOf(rich, { watchNamespaces: ["b", "a"] });
    assert.deepEqual(clusterScoped(rich), ["v1 Node"]);
    assert.deepEqual(brief(objects), [
      "ServiceAccount toque-system/kitchen", "ClusterRole toque-kitchen", "ClusterRoleBinding toque-kitchen", "Role a/toque-kitchen", "RoleBinding a/toque-kitchen",
      "Role b/toque-kitchen", "RoleBinding b/toque-kitchen", "Role toque-system/toque-kitchen-lease", "RoleBinding toque-system/toque-kitchen-lease",
      "Role toque-system/toque-kitchen-hash-key", "RoleBinding toque-system/toque-kitchen-hash-key",
    ]);
    const clusterRole = objects.filter((object) => object["kind"] === "ClusterRole");
    assert.deepEqual(describeRules(rulesIn(clusterRole)), ["nodes: get, list, watch"]);
    assert.ok(!brief(rbacOf(myapp, { watchNamespaces: ["a"] })).some((name) => name.startsWith("ClusterRole")));
  });

  it("name the Lease, which only creating cannot", () => {
    const role = rbacOf(myapp).find((object) => object["kind"] === "Role")!;
    assert.deepEqual(role["rules"], [
      { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["create"] },
      { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["get", "update"], resourceNames: ["toque-myapp"] },
    ]);
  });

  it("let a host make and read the key of its hashes where Secrets are declared, and only there", () => {
    const keyRoles = (objects: JsonObject[]): JsonObject[] => objects.filter((object) => object["kind"] === "Role" && String((object["metadata"] as JsonObject)["name"]).endsWith("-hash-key"));
    const exactly = [
      { apiGroups: [""], resources: ["secrets"], verbs: ["create"] },
      { apiGroups: [""], resources: ["secrets"], verbs: ["get"], resourceNames: ["toque-hash-key"] },
    ];
    const owning: Manifest = { ...myapp, owns: [{ ...myapp.owns[0]!, apiVersion: "v1", kind: "Secret", plural: "secrets", verbs: [] }] };
    for (const m of [rich, owning]) {
      const [role, ...more] = keyRoles(rbacOf(m, { namespace: "ops", watchNamespaces: ["a"] }));
      assert.deepEqual([role!["metadata"], role!["rules"], more], [{ name: `toque-${m.name}-hash-key`, namespace: "ops" }, exactly, []]);
    }
    assert.deepEqual(keyRoles(rbacOf(myapp)), []);
    // A shared host has it once; the operators that it writes as don't.
    assert.deepEqual(brief(keyRoles(deployOf([rich, { ...owning, name: "other" }, myapp]).rbac)), ["Role toque-system/toque-hash-key"]);
    assert.deepEqual(keyRoles(deployOf([myapp, { ...myapp, name: "other" }]).rbac), []);
  });
});

describe("the deployment", () => {
  it("of one operator: one account for everything", () => {
    const deploy = deployOf([myapp], { image: "registry.example/toque:1", namespace: "ops", replicas: 2 });
    assert.deepEqual(brief(deploy.all), [
      "Namespace ops", "CustomResourceDefinition myapps.example.dev", "ServiceAccount ops/myapp", "ClusterRole toque-myapp", "ClusterRoleBinding toque-myapp",
      "Role ops/toque-myapp-lease", "RoleBinding ops/toque-myapp-lease", "Deployment ops/toque-myapp",
    ]);
    const spec = deploy.deployment["spec"] as { replicas: number; template: { spec: { serviceAccountName: string; containers: JsonObject[] } } };
    assert.deepEqual([spec.replicas, spec.template.spec.serviceAccountName, spec.template.spec.containers[0]!["image"]], [2, "myapp", "registry.example/toque:1"]);
    assert.deepEqual(spec.template.spec.containers[0]!["args"], [
      "run", "/operators/myapp.wasm", "--leader-elect", "--leader-namespace", "ops", "--bind", "0.0.0.0", "--port", "8080", "--log", "json",
    ]);
  });

  it("of several: the host watches as itself, and writes as each of them and nobody else", () => {
    const deploy = deployOf([rich, myapp]);
    const writes = /create|patch|delete|update/;
    const own = new Map<string, Rule[]>();
    for (const object of deploy.rbac) {
      if (!String(object["kind"]).endsWith("Binding")) continue;
      const { roleRef, subjects, metadata } = object as unknown as { roleRef: { kind: string; name: string }; subjects: { name: string }[]; metadata: { namespace?: string } };
      const role = deploy.rbac.find((r) => r["kind"] === roleRef.kind && (r["metadata"] as JsonObject)["name"] === roleRef.name && (r["metadata"] as JsonObject)["namespace"] === metadata.namespace);
      assert.ok(role !== undefined, `${roleRef.kind} ${roleRef.name} is bound, but not there`);
      own.set(subjects[0]!.name, [...(own.get(subjects[0]!.name) ?? []), ...rulesIn([role])]);
    }
    assert.deepEqual([...own.keys()].sort(), ["kitchen", "myapp", "toque"]);
    const hostWrites = own.get("toque")!.filter((rule) => writes.test(rule.verbs.join()));
    assert.deepEqual(hostWrites.map((rule) => rule.resources.join()), ["leases", "leases", "secrets", "pods/proxy"]);
    assert.deepEqual(own.get("toque")!.find((rule) => rule.verbs.includes("impersonate"))!.resourceNames, ["kitchen", "myapp"]);
    assert.ok(own.get("myapp")!.every((rule) => !rule.verbs.includes("watch")));
    assert.ok(JSON.stringify(deploy.deployment).includes('"--impersonate"'));
  });

  it("shares nothing between its objects, so that YAML writes no aliases", () => {
    const seen = new Set<object>();
    const visit = (value: unknown): void => {
      if (value === null || typeof value !== "object") return;
      if (seen.has(value)) assert.fail(`shared: ${stringifyJson(value)}`);
      seen.add(value);
      Object.values(value).forEach(visit);
    };
    deployOf([myapp, rich], { watchNamespaces: ["a", "b"] }).all.forEach(visit);
  });

  it("runs under the restricted Pod security standard", () => {
    const { deployment, namespace } = deployOf([myapp]);
    const pod = (deployment["spec"] as { template: { spec: JsonObject } }).template.spec as unknown as { securityContext: JsonObject; containers: { securityContext: JsonObject }[] };
    assert.deepEqual((namespace["metadata"] as JsonObject)["labels"], { "pod-security.kubernetes.io/enforce": "restricted" });
    assert.equal(pod.securityContext["runAsNonRoot"], true);
    assert.deepEqual(pod.securityContext["seccompProfile"], { type: "RuntimeDefault" });
    assert.deepEqual(pod.containers[0]!.securityContext, { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } });
  });
});
