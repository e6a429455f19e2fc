/** What the tests against a real API server write: an object of each of many kinds, and how to reach and type it. */
import { CORPUS } from "../../../runtime/testing/corpus.ts";
import { stringifyJson } from "../../../../bindings/protocol/json.ts";
import { groupVersionOf, type Json, type JsonObject } from "../../model.ts";
import { BUILTIN_KINDS, BUILTIN_TYPES, builtinType } from "../../schema/facts.ts";
import type { TypeTable } from "../../schema/types.ts";
import { builtinResetFields, customResetFields, type ResetFields } from "../reset-fields.ts";
import { GADGET, GADGET_TABLE } from "./gadgets.ts";
import { ZOO_TABLE } from "./zoo.ts";

export interface Subject {
  /** "Deployment". */
  readonly kind: string;
  readonly apiVersion: string;
  readonly types: TypeTable;
  readonly type: string;
  readonly custom: boolean;
  readonly hasStatus: boolean;
  /** Path of the collection. */
  readonly collection: string;
  /** The object as the corpus has it. */
  readonly sample: JsonObject;
  reset(subresource: string | undefined): ResetFields;
}

/** Kinds of which updates are mostly allowed. */
export function subjects(): Subject[] {
  return [...CORPUS, ...MORE, GADGET].map((sample) => subjectOf(narrow(sample)));
}

/** The tests' client reads numbers as JavaScript does. */
function narrow(sample: JsonObject): JsonObject {
  return JSON.parse(stringifyJson(sample), (_, value: unknown) => (typeof value === "number" && !Number.isSafeInteger(value) ? 12345678901 : value)) as JsonObject;
}

const CUSTOM: { readonly [kind: string]: { readonly types: TypeTable; readonly plural: string } } = {
  Zoo: { types: ZOO_TABLE, plural: "zoos" }, Gadget: { types: GADGET_TABLE, plural: "gadgets" },
};

export function subjectOf(sample: JsonObject): Subject {
  const apiVersion = sample["apiVersion"] as string;
  const kind = sample["kind"] as string;
  const [group, version] = groupVersionOf(apiVersion);
  const root = group === "" ? `/api/${apiVersion}` : `/apis/${apiVersion}`;
  const custom = CUSTOM[kind];
  if (custom !== undefined) {
    return {
      kind, apiVersion, types: custom.types, type: kind, custom: true, hasStatus: true, sample, collection: `${root}/namespaces/default/${custom.plural}`,
      reset: (subresource) => customResetFields(apiVersion, subresource, true),
    };
  }
  const facts = BUILTIN_KINDS.find((each) => each.group === group && each.version === version && each.kind === kind)!;
  const hasStatus = facts.subresources.some(({ name }) => name.endsWith("/status"));
  return {
    kind, apiVersion, types: BUILTIN_TYPES, type: builtinType(group, version, kind)!, custom: false, hasStatus, sample,
    collection: facts.namespaced ? `${root}/namespaces/default/${facts.name}` : `${root}/${facts.name}`,
    reset: (subresource) => builtinResetFields({ group, resource: facts.name }, subresource, hasStatus),
  };
}

const labels = { app: "web" };
const MORE: JsonObject[] = [
  { apiVersion: "v1", kind: "Secret", metadata: { name: "s", labels }, type: "Opaque", data: { a: "AAEC", b: "" }, stringData: { c: "x" } },
  {
    apiVersion: "v1", kind: "Pod", metadata: { name: "p", labels, finalizers: ["example.dev/stay"] },
    spec: { containers: [{ name: "c", image: "i:1", env: [{ name: "A", value: "b" }] }], activeDeadlineSeconds: 100, tolerations: [{ key: "k", operator: "Exists" }] },
  },
  { apiVersion: "v1", kind: "Node", metadata: { name: "n", labels }, spec: { taints: [{ key: "t", effect: "NoSchedule" }], unschedulable: true } },
  {
    apiVersion: "v1", kind: "Endpoints", metadata: { name: "e", labels },
    subsets: [{ addresses: [{ ip: "10.0.0.1" }, { ip: "10.0.0.2", hostname: "h" }], ports: [{ name: "a", port: 80, protocol: "TCP" }] }],
  },
  {
    apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", metadata: { name: "es", labels }, addressType: "IPv4",
    endpoints: [{ addresses: ["10.0.0.1"], conditions: { ready: true } }], ports: [{ name: "a", port: 80, protocol: "TCP" }],
  },
  { apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "q", labels }, spec: { hard: { pods: "1k", "requests.cpu": "100" } } },
  {
    apiVersion: "apps/v1", kind: "ReplicaSet", metadata: { name: "rs", labels },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: "c", image: "i", ports: [{ containerPort: 80 }, { containerPort: 443, protocol: "UDP" }] }] } } },
  },
  { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name: "cr", labels }, rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get", "list"] }] },
  { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name: "l", labels }, spec: { holderIdentity: "x", leaseDurationSeconds: 15 } },
  {
    apiVersion: "v1", kind: "ConfigMap", metadata: { name: "owned", ownerReferences: [{ apiVersion: "v1", kind: "X", name: "a", uid: "1" }, { apiVersion: "v1", kind: "X", name: "b", uid: "2" }], finalizers: ["a.b/c", "a.b/d"] },
    data: { a: "1" },
  },
];

/** A deep copy of what JSON has of it. */
export function copyOf<T extends Json>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
