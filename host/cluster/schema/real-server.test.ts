/**
 * The same bodies to a real API server and to `decodeText`: what is refused with 400 before admission and validation, in
 * which words, and what is warned of. Prints its seed; SEED replays one.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startControlPlane, type ControlPlane } from "../../../tests/support/control-plane.ts";
import { rawClient, type RawClient } from "../../../tests/support/raw-client.ts";
import { until } from "../../../tests/support/wait.ts";
import { StatusError } from "../api/status-error.ts";
import { decodeText, strictError, type DecodableKind } from "./decode.ts";
import { BUILTIN_KINDS, BUILTIN_TYPES, type KindFacts } from "./facts.ts";
import { decodeProtobuf, PROTOBUF_MEDIA_TYPE } from "./protobuf.ts";
import samples from "./testing/protobuf-samples.json" with { type: "json" };
import { RandomBody, randomFrom } from "./testing/random-body.ts";

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const plane = await startControlPlane({ audit: [] });
const skip = "skipped" in plane ? plane.skipped : false;

const CREATABLE = BUILTIN_KINDS.filter(({ verbs }) => verbs.includes("create"));
const decodable = ({ group, version, kind, type }: KindFacts): DecodableKind => ({ types: BUILTIN_TYPES, type, group, version, kind, custom: group === "example.dev" });
function pathOf({ group, version, name, namespaced }: KindFacts): string {
  return `${group === "" ? "/api" : `/apis/${group}`}/${version}${namespaced ? "/namespaces/default" : ""}/${name}?dryRun=All`;
}
const named = (name: string): KindFacts => BUILTIN_KINDS.find((kind) => kind.name === name)!;

/** What decoding alone says: a refusal, or warnings. */
interface Opinion { refusal?: string; warnings?: string[] }

function ours(kind: KindFacts, body: string | Uint8Array, strict: boolean): Opinion {
  try {
    const { unknown } = typeof body === "string" ? decodeText(body, decodable(kind)) : decodeProtobuf(body, decodable(kind));
    if (strict && unknown.length > 0) throw strictError(kind, unknown);
    return { warnings: unknown };
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    assert.equal(error.code, 400);
    return { refusal: error.message };
  }
}

const DECODING = /^the object provided is unrecognized|cannot be handled as a|does not match the expected API version/;

async function theirs(raw: RawClient, kind: KindFacts, body: string | Uint8Array, strict: boolean): Promise<Opinion> {
  const mediaType = typeof body === "string" ? "application/json" : PROTOBUF_MEDIA_TYPE;
  const answer = await raw.send("POST", pathOf(kind) + (strict ? "&fieldValidation=Strict" : ""), body, { "content-type": mediaType });
  const status = JSON.parse(answer.text) as { message?: string; code?: number };
  if (answer.status === 400 && DECODING.test(status.message!)) return { refusal: status.message! };
  const header = Buffer.from((answer.headers.warning ?? "") as string, "latin1").toString("utf8");
  const warnings = [...header.matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)].map(([, text]) => text!.replace(/\\(["\\])/g, "$1"));
  return { warnings: warnings.filter((text) => /^(unknown|duplicate) field /.test(text)) };
}

const UNREADABLE = [
  "", "  ", "{", "[]", "null", "5", '"x"', "true", "{} x", "nullx", "\ufeff{}", '{"a":tru}', '{"a":"\x01"}', '{"a":"\\x"}', '{"a":01}', '{"a":1.}', '{"a":-}', "{a:1}", '{"a" 1}', '{"a":1 "b"}', '{"a":[1 2]}',
  '{"é":ß}', "{'a':1}", '{"a":"\\u12x4"}', '{"a":1e}', '{"a":1e+}', '{"a":1.x}', '{"a":"', '{"a":', '{"a"', '{"a":[', '{"a":1,}', '{"a":[1,]}', "{,}", "[,]", '{"a":nul}', '{"a":falsy}', '{"a":"\\', '{"a":"\t"}', '{"😀":😀}', "-", "01", "1e5 ",
  "[".repeat(10_001), `{"a":${"[".repeat(9_999)}${"]".repeat(9_999)}}`, `{"a":${"[".repeat(10_000)}${"]".repeat(10_000)}}`,
];
const MISLABELLED: [string, string][] = [
  ...['{"kind":5}', '{"apiVersion":5}', '{"kind":{}}', '{"apiVersion":[true]}', '{"kind":"Service"}', '{"kind":"Service","apiVersion":"v1"}', '{"apiVersion":"v1"}', '{"apiVersion":"apps/v2","kind":"Deployment"}', '{"apiVersion":"apps/v1beta1","kind":"Deployment"}',
    '{"apiVersion":"extensions/v1beta1","kind":"Deployment"}', '{"apiVersion":"a/b/c"}', '{"apiVersion":"apps/"}', '{"apiVersion":"foo/"}', '{"apiVersion":"/v1"}', '{"apiVersion":"/"}', '{"kind":"Foo"}', '{"kind":"DeploymentList"}', '{"kind":"Scale","apiVersion":"autoscaling/v1"}',
    '{"KIND":"Service","APIVERSION":"v1"}', '{"kind":"deployment"}', '{"kind":null,"apiVersion":null}', '{"kind":"Status","apiVersion":"v1"}', '{"kind":"DeleteOptions","apiVersion":"v1"}', '{"kind":"DeleteOptions"}', '{"kind":"ReplicaSet"}',
    '{"kind":"Pod","apiVersion":"v1"}', '{"kind":"Widget","apiVersion":"example.dev/v1"}', '{"kind":"a\\"b"}', '{"kind":"PodExecOptions","apiVersion":"v1"}', '{"kind":"CustomResourceDefinition","apiVersion":"apiextensions.k8s.io/v1"}'].map((body) => ["deployments", body] as [string, string]),
  ["horizontalpodautoscalers", '{"kind":"HorizontalPodAutoscaler","apiVersion":"autoscaling/v1"}'], ["events", '{"kind":"Event","apiVersion":"events.k8s.io/v1"}'], ["ingresses", '{"kind":"Ingress","apiVersion":"extensions/v1beta1"}'],
  ["poddisruptionbudgets", '{"kind":"PodDisruptionBudget","apiVersion":"policy/v1beta1"}'], ["cronjobs", '{"kind":"CronJob","apiVersion":"batch/v1beta1"}'], ["customresourcedefinitions", '{"kind":"Pod","apiVersion":"v1"}'], ["customresourcedefinitions", '{"kind":"CustomResourceDefinition","apiVersion":"apiextensions.k8s.io/v1beta1"}'],
];

describe("a real API server agrees", { skip }, () => {
  let raw: RawClient;
  before(() => { raw = rawClient(plane as ControlPlane); });
  after(async () => {
    raw.close();
    await (plane as ControlPlane).stop();
  });

  test("on what is no JSON", async () => {
    for (const body of UNREADABLE) assert.deepEqual(ours(named("configmaps"), body, false), await theirs(raw, named("configmaps"), body, false), body.slice(0, 100));
  });

  test("on what is another kind", async () => {
    for (const [name, body] of MISLABELLED) assert.deepEqual(ours(named(name), body, false), await theirs(raw, named(name), body, false), `${name} ${body}`);
  });

  test("on what is no protobuf", async (t) => {
    t.diagnostic(`SEED=${seed}`);
    const random = randomFrom(seed);
    const whole = Buffer.from(samples[0]!.hex, "hex");
    const pods = named("pods");
    for (const hex of ["", "0102", "6b387300", "6b387300127f", "6b38730012020a05", "6b387300120208", "6b38730012020805", "6b3873000a00", "6b38730003", "6b38730007", "6b387300120107", "6b38730012020e05", "6b387300120100"]) {
      const body = Buffer.from(hex, "hex");
      assert.deepEqual(ours(pods, body, false), await theirs(raw, pods, body, false), hex);
    }
    for (let i = 0; i < 100; i++) {
      const body = Uint8Array.from(whole.subarray(0, 5 + Math.floor(random() * (whole.length - 5))));
      assert.deepEqual(ours(pods, body, false), await theirs(raw, pods, body, false), Buffer.from(body).toString("hex"));
    }
  });

  test("on the metadata of custom resources", async (t) => {
    t.diagnostic(`SEED=${seed}`);
    const { api } = plane as ControlPlane;
    const widget = { ...named("configmaps"), group: "example.dev", version: "v1", kind: "Widget", name: "widgets", type: "ConfigMap" };
    await api.must("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", {
      apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", metadata: { name: "widgets.example.dev" },
      spec: { group: "example.dev", scope: "Namespaced", names: { plural: "widgets", kind: "Widget" }, versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } } }] },
    });
    await until("the definition is served", async () => (await api.request("GET", "/apis/example.dev/v1/widgets")).status === 200, { timeoutMs: 30_000 });
    const label = '"apiVersion":"example.dev/v1","kind":"Widget"';
    const odd = ["null", "[]", "5", "{}", '{"kind":5}', '{"kind":"Widget"}', '{"apiVersion":"example.dev/v1"}', '{"kind":"Service","apiVersion":"v1"}', '{"kind":"Widget","apiVersion":"a/b/c"}', "{", `{${label},"metadata":5}`, `{${label},"metadata":null}`, `{${label},"metadata":[]}`];
    const random = randomFrom(seed);
    const metadata = [{ wrong: 0.02, unknown: 0.1 }, { wrong: 0, unknown: 0.1 }].flatMap((options) => Array.from({ length: 100 }, () => new RandomBody(random, options).struct("ObjectMeta")));
    for (const body of [...odd, ...metadata.map((each) => `{${label},"metadata":${each}}`)]) {
      assert.deepEqual(ours(widget, body, false), await theirs(raw, widget, body, false), body);
    }
  });

  for (const strict of [false, true]) {
    test(`on random bodies of every kind, ${strict ? "strictly" : "with warnings"}`, async (t) => {
      t.diagnostic(`SEED=${seed}`);
      const random = randomFrom(seed);
      for (const options of [{ wrong: 0.02, unknown: 0.05 }, { wrong: 0, unknown: 0.05 }]) {
        const bodies = new RandomBody(random, options);
        await Promise.all(CREATABLE.flatMap((kind) => Array.from({ length: 4 }, async () => {
          const body = bodies.struct(kind.type);
          assert.deepEqual(ours(kind, body, strict), await theirs(raw, kind, body, strict), `${kind.group}/${kind.version} ${kind.kind} ${body}`);
        })));
      }
    });
  }
});
