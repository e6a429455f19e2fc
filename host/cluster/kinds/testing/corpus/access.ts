import type { JsonObject } from "../../../model.ts";
import type { Corpus } from "../differential.ts";

const group = "rbac.authorization.k8s.io";
const of = (kind: string, name: string, rest: JsonObject): JsonObject => ({ apiVersion: `${group}/v1`, kind, metadata: { name }, ...rest });
const rule: JsonObject = { apiGroups: [""], resources: ["pods", "pods/log"], verbs: ["get", "list"], resourceNames: ["a"] };
const urls: JsonObject = { nonResourceURLs: ["/healthz", "/metrics/*"], verbs: ["get"] };

export const roles: Corpus = { group, kind: "Role", objects: [of("Role", "none", {}), of("Role", "kinds:reader", { rules: [rule] }), of("Role", "urls", { rules: [urls] }), of("Role", "two", { rules: [rule, { verbs: ["*"], apiGroups: ["*"], resources: ["*"] }] })] };
export const clusterRoles: Corpus = {
  group, kind: "ClusterRole",
  objects: [
    of("ClusterRole", "kinds:all", { rules: [rule, urls] }), of("ClusterRole", "kinds:aggregated", { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: "b" } }] }, rules: [] }),
    of("ClusterRole", "kinds:empty", { aggregationRule: {} }),
  ],
};
const user: JsonObject = { kind: "User", name: "u" };
const account: JsonObject = { kind: "ServiceAccount", name: "s", namespace: "n" };
export const bindings: Corpus = {
  group, kind: "RoleBinding",
  objects: [
    of("RoleBinding", "none", { roleRef: { kind: "Role", name: "r" } }), of("RoleBinding", "some:b", { roleRef: { apiGroup: group, kind: "ClusterRole", name: "view" }, subjects: [user, account, { kind: "Group", name: "g", apiGroup: group }, { kind: "ServiceAccount", name: "own" }] }),
    of("RoleBinding", "odd", { roleRef: { kind: "Thing", name: "r" } }),
  ],
};
export const clusterBindings: Corpus = {
  group, kind: "ClusterRoleBinding",
  objects: [
    of("ClusterRoleBinding", "kinds:none", { roleRef: { kind: "ClusterRole", name: "r" } }), of("ClusterRoleBinding", "kinds:some", { roleRef: { kind: "ClusterRole", name: "view" }, subjects: [user, account] }),
    of("ClusterRoleBinding", "kinds:odd", { roleRef: { kind: "Role", name: "r" }, subjects: [{ kind: "ServiceAccount", name: "own" }] }),
  ],
};

const priority = (name: string, rest: JsonObject): JsonObject => ({ apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", metadata: { name }, ...rest });
export const priorityClasses: Corpus = {
  group: "scheduling.k8s.io", kind: "PriorityClass", metadata: 0.2, values: { value: [0, 1_000_000_000, 1_000_000_001, -1, 2_000_000_000], name: ["system-node-critical", "system-x", "x"] },
  objects: [
    priority("kinds-none", {}), priority("kinds-high", { value: 1_000_000_000, description: "d", preemptionPolicy: "Never" }), priority("system-mine", { value: 5 }), priority("kinds-over", { value: 1_000_000_001 }),
  ],
};
const runtime = (name: string, rest: JsonObject): JsonObject => ({ apiVersion: "node.k8s.io/v1", kind: "RuntimeClass", metadata: { name }, ...rest });
export const runtimeClasses: Corpus = {
  group: "node.k8s.io", kind: "RuntimeClass",
  objects: [
    runtime("kinds-plain", { handler: "runc" }), runtime("kinds-none", {}),
    runtime("kinds-full", { handler: "kata", overhead: { podFixed: { cpu: "250m", memory: "120Mi" } }, scheduling: { nodeSelector: { a: "b", "beta.kubernetes.io/os": "linux" }, tolerations: [{ key: "a", operator: "Exists" }, { key: "b", value: "c", effect: "NoExecute", tolerationSeconds: 5 }] } }),
  ],
};
