import assert from "node:assert/strict";
import { test } from "node:test";
import { StatusError } from "../api/status-error.ts";
import { parseBody } from "./body.ts";
import { decodeBody, strictError, type DecodableKind } from "./decode.ts";
import { BUILTIN_TYPES, builtinType } from "./facts.ts";

function kindOf(group: string, version: string, kind: string): DecodableKind {
  return { types: BUILTIN_TYPES, type: builtinType(group, version, kind)!, group, version, kind, custom: false };
}
const DEPLOYMENT = kindOf("apps", "v1", "Deployment");
const CONFIG_MAP = kindOf("", "v1", "ConfigMap");
const POD = kindOf("", "v1", "Pod");

function decoded(kind: DecodableKind, text: string): { object: unknown; unknown: string[] } {
  return decodeBody(parseBody(text), kind);
}
function refusal(kind: DecodableKind, text: string): string {
  try {
    decoded(kind, text);
  } catch (error) {
    assert.ok(error instanceof StatusError);
    assert.deepEqual([error.code, error.reason], [400, "BadRequest"]);
    return error.message;
  }
  return "accepted";
}

test("wrong types are refused in Go's words", () => {
  const cases: [DecodableKind, string, string][] = [
    [DEPLOYMENT, '{"spec":{"replicas":"3"}}', "string into Go struct field DeploymentSpec.spec.replicas of type int32"],
    [DEPLOYMENT, '{"spec":{"replicas":1.0}}', "number 1.0 into Go struct field DeploymentSpec.spec.replicas of type int32"],
    [DEPLOYMENT, '{"spec":{"replicas":3000000000}}', "number 3000000000 into Go struct field DeploymentSpec.spec.replicas of type int32"],
    [DEPLOYMENT, '{"spec":{"template":{"spec":{"containers":{}}}}}', "object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container"],
    [POD, '{"spec":{"volumes":[{"hostPath":{"path":1}}]}}', "number into Go struct field HostPathVolumeSource.spec.volumes.VolumeSource.hostPath.path of type string"],
    [POD, '{"metadata":{"labels":{"a":true}}}', "bool into Go struct field ObjectMeta.metadata.labels of type string"],
    [POD, '{"metadata":{"labels":[]}}', "array into Go struct field ObjectMeta.metadata.labels of type map[string]string"],
    [POD, '{"spec":{"restartPolicy":1}}', "number into Go struct field PodSpec.spec.restartPolicy of type v1.RestartPolicy"],
    [POD, '{"metadata":{"creationTimestamp":5}}', "number into Go struct field ObjectMeta.metadata.creationTimestamp of type string"],
  ];
  for (const [kind, text, why] of cases) {
    assert.equal(refusal(kind, text), `${kind.kind} in version "v1" cannot be handled as a ${kind.kind}: json: cannot unmarshal ${why}`);
  }
});

test("the first wrong type counts, but a wrong quantity before all", () => {
  const text = '{"spec":{"nodeName":1,"hostNetwork":"x","containers":[{"resources":{"limits":{"cpu":"lots"}}}]}}';
  assert.match(refusal(POD, text), /^Pod in version "v1" cannot be handled as a Pod: quantities must match/);
  assert.match(refusal(POD, text.replace("lots", "1")), /number into Go struct field PodSpec.spec.nodeName of type string$/);
});

test("unknown fields and fields given twice are listed", () => {
  const text = '{"spec":{"foo":1,"template":{"spec":{"containers":[{},{"x":1}]}},"replicas":1,"replicas":2},"metadata":{"labels":{"a":"1","a":"2"}},"Spec":{}}';
  const { unknown } = decoded(DEPLOYMENT, text);
  assert.deepEqual([...unknown].sort(), [
    'duplicate field "metadata.labels.a"', 'duplicate field "spec.replicas"', 'unknown field "Spec"', 'unknown field "spec.foo"', 'unknown field "spec.template.spec.containers[1].x"',
  ]);
  assert.equal(strictError(DEPLOYMENT, ['unknown field "spec.foo"']).message, 'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.foo"');
});

test("values come out as Go writes them", () => {
  const { object } = decoded(POD, `{"metadata":{"name":"x","labels":{},"annotations":{"a":null},"creationTimestamp":"2026-01-01T01:00:00.5+01:00","finalizers":null},
    "spec":{"hostNetwork":false,"nodeName":"","containers":[{"name":"c","resources":{"limits":{"cpu":0.5,"memory":"1024Mi"}},"ports":[]}],"volumes":[null]}}`);
  assert.deepEqual(object, {
    kind: "Pod", apiVersion: "v1",
    metadata: { name: "x", creationTimestamp: "2026-01-01T00:00:00Z", annotations: { a: "" } },
    spec: { volumes: [{ name: "" }], containers: [{ name: "c", resources: { limits: { cpu: "500m", memory: "1Gi" } } }] }, status: {},
  });
  assert.deepEqual(Object.keys(object as object), ["kind", "apiVersion", "metadata", "spec", "status"]);
});

test("what must be written appears when it was not given", () => {
  assert.deepEqual(decoded(DEPLOYMENT, "{}").object, {
    kind: "Deployment", apiVersion: "apps/v1", metadata: {},
    spec: { selector: null, template: { metadata: {}, spec: { containers: null } }, strategy: {} }, status: {},
  });
});

test("__proto__ is an ordinary key", () => {
  const { object } = decoded(CONFIG_MAP, '{"data":{"__proto__":"x","constructor":"y"}}');
  assert.equal(JSON.stringify((object as { data: object }).data), '{"__proto__":"x","constructor":"y"}');
  assert.deepEqual(decoded(CONFIG_MAP, '{"__proto__":{"data":{"a":"b"}},"constructor":1}').unknown.sort(), ['unknown field "__proto__"', 'unknown field "constructor"']);
});

test("what is too deep to be kept is refused, not fatal", () => {
  const CRD = kindOf("apiextensions.k8s.io", "v1", "CustomResourceDefinition");
  const WIDGET: DecodableKind = { types: {}, type: "", group: "example.dev", version: "v1", kind: "Widget", custom: true };
  const levels = (open: string, close: string, count: number): string => open.repeat(count) + "{}" + close.repeat(count);
  const schema = (text: string): string => `{"spec":{"versions":[{"schema":{"openAPIV3Schema":${text}}}]}}`;
  const data = kindOf("apps", "v1", "ControllerRevision");
  for (const [kind, body] of [
    [CRD, schema(levels('{"properties":{"a":', "}}", 4000))], [CRD, schema(levels('{"items":', "}", 9000))], [data, `{"data":${levels('{"a":', "}", 9000)}}`],
    [WIDGET, `{"spec":${levels('{"a":', "}", 9000)}}`], [WIDGET, `{"a":1,"a":2,"metadata":{"labels":${levels('{"a":', "}", 9000)}}}`],
  ] as [DecodableKind, string][]) assert.match(refusal(kind, body), /: exceeded max depth$/);
  assert.equal(refusal(data, `{"data":${levels('{"a":', "}", 900)}}`), "accepted");
  // What is dropped may be as deep as the text.
  assert.deepEqual(decoded(POD, `{"foo":${levels('{"a":', "}", 9000)}}`).unknown, ['unknown field "foo"']);
});

test("members given twice on every level cost no more than their text", () => {
  const CRD = kindOf("apiextensions.k8s.io", "v1", "CustomResourceDefinition");
  const text = '{"type":"x","type":"y","properties":{"a":'.repeat(100) + "{}" + "}}".repeat(100);
  assert.equal(decoded(CRD, `{"spec":{"versions":[{"schema":{"openAPIV3Schema":${text}}}]}}`).unknown.length, 100);
});
