/**
 * Objects created by POST, on a real API server: at rest without memory, taken over when something is to change, and
 * from then on as if they had been applied from the start.
 */
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import type { OwnedKind } from "../../../bindings/protocol/manifest.ts";
import type { Action, JsonObject, KubeObject, Observed } from "../../../bindings/protocol/types.ts";
import { nodePlatform, nodeTransport, type NodeTransport } from "../../platform/node/index.ts";
import { type ApiRequest, TransportError } from "../../platform/platform.ts";
import { type ControlPlane, startControlPlane } from "../../../tests/support/control-plane.ts";
import { until } from "../../../tests/support/wait.ts";
import { type Host, startHost } from "../host.ts";
import { createInformers } from "../informers.ts";
import { MY_APP_CRD, MY_APP_MANIFEST, reconcileMyApp } from "../testing/my-app.ts";
import { jsCore } from "../testing/world.ts";
import { APPLY_PATCH, JSON_TYPE, MERGE_PATCH } from "../writer.ts";
import { asApplied, CREATED_AS, createBody, createdAs } from "./created.ts";
import type { Intent } from "./intent.ts";

const APPS = "/apis/example.dev/v1/namespaces/default/myapps";
const DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments";
const MANAGER = "toque-myapp";
const MANIFEST = { ...MY_APP_MANIFEST, owns: MY_APP_MANIFEST.owns.map((kind): OwnedKind => ({ ...kind, verbs: ["apply", "patch"] })) };
const plane = await startControlPlane({ audit: [] });
const skip = "skipped" in plane ? plane.skipped : false;

interface ManagedFields { manager: string; operation: string; subresource?: string; fieldsV1: JsonObject }
interface Deployment { metadata: { labels: JsonObject; annotations?: JsonObject; resourceVersion: string; managedFields: ManagedFields[] }; spec: JsonObject }

describe("an object created by POST", { skip }, () => {
  const platform = nodePlatform();
  let transport: NodeTransport;
  let stop = async (): Promise<void> => undefined;
  /** Writes to Deployments: "POST", "merge" or "apply". */
  const writes: string[] = [];
  const seen: Observed[] = [];
  let intercept: (what: string, request: ApiRequest) => Promise<void> = async () => undefined;
  /** What the core wants otherwise than `reconcileMyApp`. */
  let change: (deployment: JsonObject, observed: Observed) => Partial<Action> & { more?: Action[] } = () => ({});

  const kinds: { [type: string]: string } = { [JSON_TYPE]: "POST", [MERGE_PATCH]: "merge", [APPLY_PATCH]: "apply" };
  async function start(): Promise<void> {
    const counted = {
      request: async (request: ApiRequest) => {
        if (request.method === "GET" || !request.path.startsWith(DEPLOYMENTS)) return transport.request(request);
        const what = kinds[request.contentType!]!;
        await intercept(what, request);
        writes.push(what);
        return transport.request(request);
      },
      stream: transport.stream.bind(transport),
    };
    const informers = createInformers({ transport: counted, platform });
    const core = jsCore(MANIFEST, (observed) => {
      seen.push(observed);
      const plan = reconcileMyApp(observed);
      const deployment = structuredClone((plan.actions![0] as { object: unknown }).object) as JsonObject;
      const { more = [], ...rest } = change(deployment, observed);
      return { ...plan, actions: [{ ...plan.actions![0]!, object: deployment as unknown as KubeObject, ...rest } as Action, ...more] };
    });
    const host: Host = startHost({ cores: [{ core }], transport: counted, informers, platform, events: false });
    stop = async () => {
      stop = async () => undefined;
      await host.stop();
      informers.close();
    };
    await host.ready;
  }
  async function restart(): Promise<void> {
    await stop();
    const passes = seen.length;
    await start();
    await until("a first pass", () => seen.length > passes);
    await stop();
  }

  const api = (): ControlPlane["api"] => (plane as ControlPlane).api;
  const live = (name: string): Promise<Deployment> => api().must("GET", `${DEPLOYMENTS}/${name}`) as Promise<Deployment>;
  const ours = async (name: string): Promise<string[]> => (await live(name)).metadata.managedFields.filter(({ manager }) => manager === MANAGER).map(({ operation }) => operation);
  async function createApp(name: string): Promise<void> {
    await api().must("POST", APPS, { apiVersion: "example.dev/v1", kind: "MyApp", metadata: { name }, spec: { image: "nginx", replicas: 0, port: 8080 } });
  }
  /** A new MyApp, its Deployment created; the host is stopped. */
  async function settled(name: string): Promise<void> {
    await start();
    await createApp(name);
    await until("it is created and reported", async () => (await api().must("GET", `${APPS}/${name}`)).status?.observedGeneration === 1);
    await stop();
    assert.deepEqual(writes.splice(0), ["POST"]);
    await restart();
    assert.deepEqual(writes, [], "at rest without memory");
  }

  before(async () => {
    await api().apply("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/myapps.example.dev", MY_APP_CRD);
    await until("myapps are served", async () => (await api().request("GET", APPS)).status === 200);
    ({ transport } = await nodeTransport({ file: (plane as ControlPlane).kubeconfig }));
  });
  afterEach(async () => {
    await stop();
    for (const { metadata: { name } } of (await api().must("GET", APPS)).items as KubeObject[]) {
      await api().must("DELETE", `${APPS}/${name}`);
      await api().request("DELETE", `${DEPLOYMENTS}/${name}`);
    }
    change = () => ({});
    intercept = async () => undefined;
    writes.length = 0;
    seen.length = 0;
  });
  after(async () => {
    transport?.close();
    if (!("skipped" in plane)) await plane.stop();
  });

  it("is at rest after a restart, and its annotation hidden from the core", async () => {
    change = (deployment) => {
      (deployment["metadata"] as JsonObject)["annotations"] = { mine: "1" };
      return {};
    };
    await settled("rests");
    const { metadata } = await live("rests");
    assert.equal(metadata.annotations!["mine"], "1");
    assert.match(String(metadata.annotations![CREATED_AS]), /^[0-9a-f]{16}$/);
    assert.deepEqual(await ours("rests"), ["Update"]);
    const shown = seen.at(-1)!.owned.find(({ kind }) => kind === "Deployment")!;
    assert.deepEqual(shown.metadata.annotations, { mine: "1" });
  });

  it("loses what the intent no longer says, keeps what others wrote, and is ours by one apply from then on", async () => {
    change = (deployment) => {
      (deployment["spec"] as JsonObject)["paused"] = true;
      (deployment["metadata"] as JsonObject)["labels"] = { app: "drops", extra: "ours" };
      return {};
    };
    await settled("drops");
    await api().mergePatch(`${DEPLOYMENTS}/drops`, { metadata: { labels: { foreign: "theirs" }, annotations: { foreign: "theirs" } } });
    change = () => ({});
    await restart();
    const { metadata, spec } = await live("drops");
    assert.deepEqual(metadata.labels, { app: "drops", foreign: "theirs" });
    assert.equal(spec["paused"], undefined);
    assert.deepEqual(metadata.annotations, { foreign: "theirs" });
    assert.deepEqual(await ours("drops"), ["Apply"]);
    assert.equal(spec["progressDeadlineSeconds"], 600, "a default that we owned is filled in again");
    assert.deepEqual(writes.splice(0), ["merge", "apply"]);
    await restart();
    assert.deepEqual(writes, [], "our Apply entry lists what the intent says");
  });

  it("is repaired: by two requests once, then by one", async () => {
    await settled("drifts");
    for (const expected of [["merge", "apply"], ["apply"]]) {
      await api().mergePatch(`${DEPLOYMENTS}/drifts`, { spec: { replicas: 3 } });
      await restart();
      assert.equal((await live("drifts")).spec["replicas"], 0);
      assert.deepEqual(writes.splice(0), expected);
    }
  });

  it("is taken over also where an earlier version has applied to it since", async () => {
    await settled("older");
    const applied = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "older", labels: { older: "yes" } } };
    await api().must("PATCH", `${DEPLOYMENTS}/older?fieldManager=${MANAGER}&force=true`, applied, APPLY_PATCH);
    await restart();
    assert.deepEqual(writes, ["merge", "apply"]);
    assert.deepEqual([(await live("older")).metadata.labels, await ours("older")], [{ app: "older" }, ["Apply"]]);
  });

  it("is applied after a crash between taking it over and applying", async () => {
    change = (deployment) => {
      (deployment["spec"] as JsonObject)["paused"] = true;
      return {};
    };
    await settled("crashes");
    change = () => ({});
    intercept = async (what) => {
      if (what === "apply") throw new TransportError("NotSent", "the process died");
    };
    await restart();
    assert.deepEqual([writes.splice(0), await ours("crashes"), (await live("crashes")).spec["paused"]], [["merge"], ["Apply"], true]);
    intercept = async () => undefined;
    await restart();
    assert.deepEqual(writes.splice(0), ["apply"]);
    assert.equal((await live("crashes")).spec["paused"], undefined);
    await restart();
    assert.deepEqual(writes, []);
  });

  it("is read anew when it changed while it was taken over", async () => {
    await settled("races");
    await api().mergePatch(`${DEPLOYMENTS}/races`, { spec: { replicas: 3 } });
    let once = true;
    intercept = async (what) => {
      if (what === "merge" && once) {
        once = false;
        await api().mergePatch(`${DEPLOYMENTS}/races`, { spec: { paused: true } });
      }
    };
    await start();
    await until("the drift is repaired", async () => (await live("races")).spec["replicas"] === 0);
    await stop();
    assert.deepEqual(writes, ["merge", "merge", "apply"]);
    assert.equal((await live("races")).spec["paused"], true, "theirs: nobody of ours ever said a word about it");
  });

  it("keeps what a patch action wrote", async () => {
    await settled("patched");
    change = (_deployment, { owned }) => {
      const found = owned.find(({ kind }) => kind === "Deployment")!;
      const target = { apiVersion: "apps/v1", kind: "Deployment", name: "patched" };
      return { more: [{ type: "patch", stage: 0, reason: "", target, uid: found.metadata.uid!, patch: { metadata: { labels: { patched: "yes" } } } }] };
    };
    await restart();
    change = () => ({});
    await api().mergePatch(`${DEPLOYMENTS}/patched`, { spec: { replicas: 3 } });
    await restart();
    assert.deepEqual(writes, ["merge", "merge", "apply"]);
    assert.deepEqual((await live("patched")).metadata.labels, { app: "patched", patched: "yes" });
  });

  it("hands a field over with its value", async () => {
    change = (deployment) => {
      (deployment["spec"] as JsonObject)["replicas"] = 2;
      return {};
    };
    await settled("released");
    change = () => ({ release: ["spec.replicas"] }) as Partial<Action>;
    await restart();
    assert.deepEqual(writes.splice(0), ["merge", "apply", "apply"]);
    assert.equal((await live("released")).spec["replicas"], 2);
    await restart();
    assert.deepEqual(writes, []);
  });

  it("is not the one that somebody else created in between", async () => {
    const theirs = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "taken", labels: { app: "theirs" } }, spec: { replicas: 0, selector: { matchLabels: { app: "theirs" } }, template: { metadata: { labels: { app: "theirs" } }, spec: { containers: [{ name: "x", image: "y" }] } } } };
    let once = true;
    intercept = async () => {
      if (once) await api().must("POST", DEPLOYMENTS, theirs);
      once = false;
    };
    await start();
    await createApp("taken");
    const stalled = await until("the stray is reported", async () =>
      ((await api().must("GET", `${APPS}/taken`)).status?.conditions as JsonObject[] | undefined)?.find(({ type }) => type === "Stalled"));
    assert.equal(stalled["reason"], "Stray");
    assert.equal(seen.some(({ lastResults }) => lastResults.some(({ reason }) => reason === "AlreadyExists")), true);
    assert.deepEqual([writes, (await live("taken")).metadata.labels], [["POST"], { app: "theirs" }]);
  });

  it("is refused, as an apply is, with a field that the server does not know", async () => {
    change = (deployment) => {
      (deployment["spec"] as JsonObject)["replicsa"] = 1;
      return {};
    };
    await start();
    await createApp("typo");
    await until("it is refused", () => seen.some(({ lastResults }) => lastResults.some(({ message }) => message?.includes("replicsa") === true)));
    assert.equal((await api().request("GET", `${DEPLOYMENTS}/typo`)).status, 404);
  });
});

describe("taking over", () => {
  const entry = (manager: string, operation: string, fieldsV1: JsonObject, more: JsonObject = {}): JsonObject => ({ manager, operation, apiVersion: "v1", fieldsV1, ...more });

  it("makes one Apply entry of ours, and leaves alone all others", () => {
    const status = entry(MANAGER, "Update", { "f:status": {} }, { subresource: "status" });
    const theirs = entry("kubectl", "Update", { "f:data": {} });
    const updated = entry(MANAGER, "Update", { "f:a": {}, "f:b": { ".": {}, "f:c": {} } });
    assert.deepEqual(asApplied([theirs, updated, status], MANAGER).managedFields, [theirs, { ...updated, operation: "Apply" }, status]);
    const applied = entry(MANAGER, "Apply", { "f:a": { "f:x": {} }, "f:b": {}, "f:d": {} });
    const fieldsV1 = { "f:a": { ".": {}, "f:x": {} }, "f:b": { ".": {}, "f:c": {} }, "f:d": {} };
    assert.deepEqual(asApplied([updated, status, applied], MANAGER), { managedFields: [status, { ...applied, fieldsV1 }], fieldsV1 });
    assert.deepEqual(asApplied([theirs, status], MANAGER), { managedFields: [theirs, status], fieldsV1: {} });
  });

  it("knows an intent by the hash of its text, whatever annotations it has", () => {
    const intent = (metadata: JsonObject): Intent => ({ object: { kind: "K", metadata }, text: JSON.stringify({ kind: "K", metadata }) });
    const hash = "0123456789abcdef0123";
    for (const given of [{}, { b: "c" }] as JsonObject[]) {
      const metadata: JsonObject = { name: "a", ...(Object.keys(given).length === 0 ? {} : { annotations: given }) };
      const { annotations, ...rest } = (JSON.parse(createBody(intent(metadata), hash)) as { metadata: { annotations: JsonObject; name: string } }).metadata;
      assert.deepEqual([annotations, rest], [{ ...given, [CREATED_AS]: createdAs(hash) }, { name: "a" }]);
    }
  });
});
