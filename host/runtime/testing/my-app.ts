/**
 * The first operator of every tutorial, written in TypeScript: MyApp -> Deployment + Service + status. For tests of the
 * host against a real API server that shall not need a compiler.
 */
import { BUILTIN } from "../../../bindings/codegen/openapi/builtin.ts";
import { DEFAULT_LIMITS, type Manifest, type OwnedKind, type TypeDef } from "../../../bindings/protocol/manifest.ts";
import type { JsonObject, KubeObject, Observed, Plan } from "../../../bindings/protocol/types.ts";

const STRING = { type: { scalar: "string" } } as const;
const INTEGER = { type: { scalar: "integer" } } as const;

const TYPES: { [name: string]: TypeDef } = {
  MyApp: { fields: { spec: { type: { object: "MyAppSpec" } }, status: { type: { object: "MyAppStatus" } } } },
  MyAppSpec: { fields: { image: STRING, replicas: INTEGER, port: INTEGER } },
  MyAppStatus: {
    fields: {
      readyReplicas: INTEGER, observedGeneration: INTEGER,
      conditions: { type: { list: { object: "MyAppCondition" }, listType: "map", keys: ["type"] } },
    },
  },
  MyAppCondition: { fields: { type: STRING, status: STRING, reason: STRING, message: STRING, observedGeneration: INTEGER, lastTransitionTime: { type: { scalar: "time" } } } },
};

function owned(key: string): OwnedKind {
  const { plural, namespaced, type } = BUILTIN.kinds[key]!;
  const [apiVersion, kind] = key.split(" ") as [string, string];
  return { apiVersion, kind, plural, namespaced, type, link: "ownerReference", shared: false, verbs: ["apply"] };
}

export const MY_APP_MANIFEST: Manifest = {
  protocol: 1, name: "myapp", version: "0.1.0",
  for: { apiVersion: "example.dev/v1", kind: "MyApp", plural: "myapps", namespaced: true, type: "MyApp", statusSubresource: true },
  owns: [owned("apps/v1 Deployment"), owned("v1 Service")], reads: [], calls: [], finalizer: false, limits: DEFAULT_LIMITS,
  types: { ...BUILTIN.types, ...TYPES }, crd: {},
};

const field = (type: string): JsonObject => ({ type });
export const MY_APP_CRD = {
  apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", metadata: { name: "myapps.example.dev" },
  spec: {
    group: "example.dev", scope: "Namespaced", names: { plural: "myapps", singular: "myapp", kind: "MyApp", listKind: "MyAppList" },
    versions: [{
      name: "v1", served: true, storage: true, subresources: { status: {} },
      schema: {
        openAPIV3Schema: {
          type: "object",
          properties: {
            spec: { type: "object", properties: { image: field("string"), replicas: field("integer"), port: field("integer") } },
            status: {
              type: "object",
              properties: {
                readyReplicas: field("integer"), observedGeneration: field("integer"),
                conditions: {
                  type: "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"],
                  items: {
                    type: "object", required: ["type", "status"],
                    properties: {
                      type: field("string"), status: field("string"), reason: field("string"), message: field("string"),
                      observedGeneration: field("integer"), lastTransitionTime: { type: "string", format: "date-time" },
                    },
                  },
                },
              },
            },
          },
        },
      },
    }],
  },
};

export function reconcileMyApp(observed: Observed): Partial<Plan> {
  const { metadata: { name, generation = 0 } } = observed.primary;
  const spec = observed.primary["spec"] as { image: string; replicas?: number; port: number };
  const labels = { app: name };
  const deployment = {
    apiVersion: "apps/v1", kind: "Deployment", metadata: { name, labels },
    spec: {
      replicas: spec.replicas ?? 1, selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "app", image: spec.image, ports: [{ containerPort: spec.port }], resources: { limits: { cpu: "1000m" } } }] } },
    },
  } as unknown as KubeObject;
  const service = { apiVersion: "v1", kind: "Service", metadata: { name, labels }, spec: { selector: labels, ports: [{ port: 80, targetPort: spec.port }] } } as unknown as KubeObject;
  const live = observed.owned.find(({ kind }) => kind === "Deployment");
  const ready = Number(((live?.["status"] ?? {}) as JsonObject)["readyReplicas"] ?? 0);
  return {
    verdict: ready >= (spec.replicas ?? 1) ? "settled" : "progressing",
    actions: [{ type: "apply", stage: 0, reason: "", object: deployment }, { type: "apply", stage: 0, reason: "", object: service }],
    status: {
      readyReplicas: ready, observedGeneration: generation,
      conditions: [{ type: "Available", status: ready >= (spec.replicas ?? 1) ? "True" : "False", reason: "Replicas", message: "", observedGeneration: generation }],
    },
  };
}
