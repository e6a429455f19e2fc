/** A custom resource with two versions and a scale, keyed by numbers, with open and embedded objects. */
import type { JsonObject } from "../../model.ts";
import type { StructType, TypeTable } from "../../schema/types.ts";

const text = { type: "string" };
const integer = { type: "integer" };
const SPEC = {
  type: "object",
  properties: {
    replicas: integer,
    ports: {
      type: "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["port", "protocol"],
      items: { type: "object", required: ["port"], properties: { port: integer, protocol: { ...text, default: "TCP" }, note: { ...text, nullable: true }, tags: { type: "array", "x-kubernetes-list-type": "set", items: integer } } },
    },
    numbers: { type: "array", "x-kubernetes-list-type": "set", items: integer },
    nested: { type: "object", properties: { map: { type: "object", additionalProperties: { type: "object", properties: { a: text, b: integer } } } } },
    open: { type: "object", "x-kubernetes-preserve-unknown-fields": true, properties: { known: text } },
    inner: { type: "object", "x-kubernetes-embedded-resource": true, properties: { spec: { type: "object", properties: { x: integer } } } },
    lists: { type: "array", items: { type: "array", items: text } },
    whole: { type: "object", "x-kubernetes-map-type": "atomic", additionalProperties: text },
    maybe: { ...integer, nullable: true },
  },
};
const version = (name: string, storage: boolean): JsonObject => ({
  name, served: true, storage, subresources: { status: {}, scale: { specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.replicas" } },
  schema: { openAPIV3Schema: { type: "object", properties: { spec: SPEC, status: { type: "object", properties: { replicas: integer, seen: text } } } } },
} as unknown as JsonObject);

export const GADGET_CRD = {
  apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", metadata: { name: "gadgets.example.dev" },
  spec: {
    group: "example.dev", scope: "Namespaced", names: { plural: "gadgets", singular: "gadget", kind: "Gadget", listKind: "GadgetList" },
    versions: [version("v1", true), version("v2", false)],
  },
};

const TEXT = { type: { scalar: "string" } } as const;
const INTEGER = { type: { scalar: "int64" } } as const;
const struct = (fields: StructType["fields"], more: Partial<StructType> = {}): StructType => ({ fields, ...more });

export const GADGET_TABLE: TypeTable = {
  Gadget: struct({ spec: { type: { struct: "Spec" } }, status: { type: { struct: "Status" } } }),
  Spec: struct({
    replicas: INTEGER,
    ports: { type: { list: { struct: "Port" }, listType: "map", keys: ["port", "protocol"] } },
    numbers: { type: { list: { scalar: "int64" }, listType: "set" } },
    nested: { type: { struct: "Nested" } },
    open: { type: { struct: "Open" } },
    inner: { type: { struct: "Inner" } },
    lists: { type: { list: { list: { scalar: "string" }, listType: "atomic" }, listType: "atomic" } },
    whole: { type: { map: { scalar: "string" }, atomic: true } },
    maybe: { ...INTEGER, nullable: true },
  }),
  Port: struct({
    port: { ...INTEGER, required: true }, protocol: { ...TEXT, default: "TCP" }, note: { ...TEXT, nullable: true },
    tags: { type: { list: { scalar: "int64" }, listType: "set" } },
  }),
  Nested: struct({ map: { type: { map: { struct: "Entry" } } } }),
  Entry: struct({ a: TEXT, b: INTEGER }),
  Open: struct({ known: TEXT }, { open: true }),
  Inner: struct({ spec: { type: { struct: "InnerSpec" } } }, { embedded: true }),
  InnerSpec: struct({ x: INTEGER }),
  Status: struct({ replicas: INTEGER, seen: TEXT }),
};

export const GADGET: JsonObject = {
  apiVersion: "example.dev/v1", kind: "Gadget", metadata: { name: "gadget", labels: { app: "web" } },
  spec: {
    replicas: 2, ports: [{ port: 443, note: "a", tags: [10, 9] }, { port: 80 }, { port: 80, protocol: "UDP" }], numbers: [10, 9, 100],
    nested: { map: { x: { a: "1", b: 2 }, y: {} } }, open: { known: "k", free: { a: [1], b: { c: "d" } } },
    inner: { apiVersion: "v1", kind: "Thing", metadata: { name: "thing", labels: { a: "b" } }, spec: { x: 1 } },
    lists: [["a"], ["b", "c"]], whole: { a: "1", b: "2" }, maybe: 3,
  },
};
