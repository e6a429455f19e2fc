import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { structureIn } from "../fields.ts";
import { BUILTIN } from "./builtin.ts";
import { goOrder } from "./go-order.ts";
import { print, reduce } from "./reduce.ts";
import type { GroupVersionDocument } from "./reduce.ts";

const reference = (name: string, rest: object = {}): object => ({ ...rest, default: {}, allOf: [{ $ref: `#/components/schemas/${name}` }] });

/** A group with everything that the reduction tells apart. */
function document(groupVersion: string, version: string): GroupVersionDocument {
  const p = `io.k8s.api.x.${version}`;
  return {
    groupVersion,
    resources: [
      { name: "things", kind: "Thing", namespaced: true, verbs: ["create", "get", "list", "watch"] },
      { name: "things/status", kind: "Thing", namespaced: true, verbs: ["get", "patch"] },
      { name: "requests", kind: "Request", namespaced: true, verbs: ["create"] },
    ],
    components: {
      [`${p}.Thing`]: {
        type: "object", required: ["spec"], properties: {
          spec: reference(`${p}.ThingSpec`),
          free: { type: "object" },
          sizes: { type: "object", additionalProperties: reference("Quantity") },
          chosen: { type: "object", additionalProperties: { type: "string" }, "x-kubernetes-map-type": "atomic" },
        },
        "x-kubernetes-group-version-kind": [{ group: "x", version, kind: "Thing" }],
      },
      [`${p}.ThingSpec`]: {
        type: "object", "x-kubernetes-map-type": "atomic", properties: {
          ports: { type: "array", items: reference(`${p}.Port`), "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["port", "protocol"] },
          names: { type: "array", items: { type: "string" }, "x-kubernetes-list-type": "set" },
          args: { type: "array", items: { type: "string" } },
          when: reference("Time"), data: { type: "string", format: "byte" }, count: { type: "integer", format: "int64" }, target: reference("IntOrString"),
        },
      },
      [`${p}.Port`]: { type: "object", required: ["port"], properties: { port: { type: "integer", default: 0 }, protocol: { type: "string", default: "TCP" } } },
      Quantity: { oneOf: [{ type: "string" }, { type: "number" }] },
      IntOrString: { format: "int-or-string", oneOf: [{ type: "integer" }, { type: "string" }] },
      Time: { type: "string", format: "date-time" },
    } as GroupVersionDocument["components"],
  };
}

describe("the reduction", () => {
  const reduced = reduce("v1.0.0", [document("x/v2", "v2"), document("x/v1", "v1")]);
  const reduced2 = () => reduce("v1.0.0", [document("x/v2", "v2")]);

  it("keeps kinds that can be watched, with their resource and subresources", () => {
    assert.deepEqual(reduced.kinds["x/v2 Thing"], { plural: "things", namespaced: true, type: "Thing", subresources: ["status"] });
    assert.deepEqual(reduced.unwatchable, ["x/v1 Request", "x/v2 Request"]);
  });

  it("sets the later of two types with one name apart", () => {
    assert.equal(reduced.kinds["x/v1 Thing"]!.type, "ThingV1");
    assert.deepEqual(Object.keys(reduced.types), ["Port", "PortV1", "Thing", "ThingSpec", "ThingSpecV1", "ThingV1"]);
    assert.deepEqual(reduced.types["ThingV1"]!.fields["spec"], { type: { object: "ThingSpecV1" }, required: true });
  });

  it("knows every shape of value", () => {
    assert.deepEqual(reduced.types["Thing"]!.fields, {
      chosen: { type: { map: { scalar: "string" }, atomic: true } }, free: { type: { scalar: "json" } },
      sizes: { type: { map: { scalar: "quantity" } } }, spec: { type: { object: "ThingSpec" }, required: true },
    });
    const { atomic, fields } = reduced.types["ThingSpec"]!;
    assert.equal(atomic, true);
    assert.deepEqual(Object.fromEntries(Object.entries(fields).map(([name, def]) => [name, def.type])), {
      args: { list: { scalar: "string" }, listType: "atomic" }, count: { scalar: "integer" }, data: { scalar: "bytes" },
      names: { list: { scalar: "string" }, listType: "set" }, target: { scalar: "intOrString" }, when: { scalar: "time" },
      ports: { list: { object: "Port" }, listType: "map", keys: ["port", "protocol"] },
    });
  });

  it("keeps the defaults of list keys, and no others", () => {
    assert.deepEqual(reduced.types["Port"]!.fields, { port: { type: { scalar: "integer" }, required: true }, protocol: { type: { scalar: "string" }, default: "TCP" } });
  });

  it("keeps fields in the order of the Go structs, others behind them", () => {
    const go = `
// Thing is described here, and \`json:"ignored"\` is not a field.
type ThingSpec struct {
	// Names of it.
	Names []string \`json:"names,omitempty" protobuf:"bytes,1,rep,name=names"\`
	Source \`json:",inline" protobuf:"bytes,2,opt,name=source"\`
	hidden string \`json:"-"\`
	Args []string \`json:"args"\`
}

type Source struct {
	When *Time \`json:"when"\`
	Target Target \`json:"target,omitempty"\`
}
`;
    const ordered = reduce("v1.0.0", [document("x/v2", "v2")], (component) => goOrder(component, (path) => (path === "k8s.io/api/x/v2" ? go : undefined)));
    assert.deepEqual(Object.keys(ordered.types["ThingSpec"]!.fields), ["names", "when", "target", "args", "count", "data", "ports"]);
    assert.deepEqual(ordered, reduced2());
  });

  it("prints what it reads back", () => assert.deepEqual(JSON.parse(print(reduced)), reduced));
});

describe("the catalogue that is checked in", () => {
  it("is of Kubernetes 1.36 and covers the groups of the contract", () => {
    assert.match(BUILTIN.server, /v1\.36\./);
    for (const kind of ["v1 Pod", "apps/v1 StatefulSet", "batch/v1 CronJob", "policy/v1 PodDisruptionBudget", "rbac.authorization.k8s.io/v1 Role", "coordination.k8s.io/v1 Lease",
      "discovery.k8s.io/v1 EndpointSlice", "networking.k8s.io/v1 Ingress", "autoscaling/v1 HorizontalPodAutoscaler", "autoscaling/v2 HorizontalPodAutoscaler", "storage.k8s.io/v1 StorageClass"]) {
      assert.ok(kind in BUILTIN.kinds, `no ${kind}`);
    }
  });

  it("has its fields as a server writes them", () => {
    const first = (type: string) => Object.keys(BUILTIN.types[type]!.fields).slice(0, 3);
    assert.deepEqual(first("ObjectMeta"), ["name", "generateName", "namespace"]);
    assert.deepEqual(first("PodSpec"), ["volumes", "initContainers", "containers"]);
    assert.deepEqual(first("Probe"), ["exec", "httpGet", "tcpSocket"]);
  });

  it("is closed, free of loops, and every key of a list is a field of its items", () => {
    const visit = (name: string, above: string[]): void => {
      assert.ok(!above.includes(name), `${name} contains itself`);
      assert.ok(name in BUILTIN.types, `${above.at(-1)} names ${name}, which is missing`);
      for (const [field, { type }] of Object.entries(BUILTIN.types[name]!.fields)) {
        if ("list" in type && type.listType === "map") {
          const item = BUILTIN.types[structureIn(type.list)!]!.fields;
          for (const key of type.keys!) assert.ok(key in item, `${name}.${field} has the key ${key}, its items do not`);
        }
        const inner = structureIn(type);
        if (inner !== undefined) visit(inner, [...above, name]);
      }
    };
    for (const { type } of Object.values(BUILTIN.kinds)) visit(type, []);
  });

  it("has no prose and stays small", () => {
    const size = JSON.stringify(BUILTIN).length;
    assert.ok(size < 120_000, `${size} bytes`);
    assert.ok(!JSON.stringify(BUILTIN).includes("description"));
  });
});
