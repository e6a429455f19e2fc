/**
 * A host on a real API server: what it costs, what it repairs, and that it rests.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { JsonObject } from "../../bindings/protocol/types.ts";
import { nodePlatform, nodeTransport, type NodeTransport } from "../platform/node/index.ts";
import type { ApiRequest } from "../platform/platform.ts";
import { type ControlPlane, startControlPlane } from "../../tests/support/control-plane.ts";
import { until } from "../../tests/support/wait.ts";
import type { Informers } from "./contracts.ts";
import { type Host, startHost } from "./host.ts";
import { createInformers } from "./informers.ts";
import { MY_APP_CRD, MY_APP_MANIFEST, reconcileMyApp } from "./testing/my-app.ts";
import { jsCore } from "./testing/world.ts";

const APPS = "/apis/example.dev/v1/namespaces/default/myapps";
const DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments";
const plane = await startControlPlane({ audit: [] });
const skip = "skipped" in plane ? plane.skipped : false;

describe("a host on a real API server", { skip }, () => {
  const platform = nodePlatform();
  let transport: NodeTransport;
  let host: Host;
  let informers: Informers;
  const writes: string[] = [];

  function start(): void {
    const counted = {
      request: (request: ApiRequest) => {
        if (request.method !== "GET") writes.push(`${request.method} ${request.path.split("?")[0]}`);
        return transport.request(request);
      },
      stream: transport.stream.bind(transport),
    };
    informers = createInformers({ transport: counted, platform });
    host = startHost({ cores: [{ core: jsCore(MY_APP_MANIFEST, reconcileMyApp) }], transport: counted, informers, platform, events: false });
  }
  async function stop(): Promise<void> {
    await host.stop();
    informers.close();
  }
  /** Nothing queued and nothing under way, twice in a row with a round trip in between. */
  async function idle(): Promise<void> {
    const { api } = plane as ControlPlane;
    let calm = 0;
    await until("the host is idle", async () => {
      const before = writes.length;
      await api.must("GET", "/version");
      const quiet = host.health().operators.every(({ queued, underWay }) => queued === 0 && underWay === 0) && writes.length === before;
      calm = quiet ? calm + 1 : 0;
      return calm > 3;
    });
  }
  const app = (name: string, spec: JsonObject = {}): unknown =>
    ({ apiVersion: "example.dev/v1", kind: "MyApp", metadata: { name }, spec: { image: "nginx", replicas: 0, port: 8080, ...spec } });

  before(async () => {
    const { api, kubeconfig } = plane as ControlPlane;
    await api.apply("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/myapps.example.dev", MY_APP_CRD);
    await until("myapps are served", async () => (await api.request("GET", APPS)).status === 200);
    ({ transport } = await nodeTransport({ file: kubeconfig }));
    start();
    await host.ready;
  });
  after(async () => {
    if (host !== undefined) await stop();
    transport?.close();
    if (!("skipped" in plane)) await plane.stop();
  });

  it("needs three requests for a new MyApp, and none to rest or to start again", async () => {
    const { api } = plane as ControlPlane;
    for (let i = 0; i < 20; i++) await api.must("POST", APPS, app(`a${i}`));
    await until("all have a status", async () => ((await api.must("GET", APPS)).items as JsonObject[]).every((item) => item["status"] !== undefined));
    await idle();
    assert.equal(writes.length, 60, writes.join("\n"));
    await stop();
    start();
    await host.ready;
    await until("every object was looked at", () => host.recent().length >= 20);
    await idle();
    assert.equal(writes.length, 60, writes.slice(60).join("\n"));
  });

  it("repairs what is changed and deleted by hand, in every managed field", async () => {
    const { api } = plane as ControlPlane;
    await api.mergePatch(`${DEPLOYMENTS}/a0`, { spec: { replicas: 3, template: { metadata: { labels: { extra: "theirs" } } } } });
    await until("replicas are back", async () => (await api.must("GET", `${DEPLOYMENTS}/a0`)).spec.replicas === 0);
    await api.must("DELETE", `${DEPLOYMENTS}/a1`);
    await until("the Deployment is back", async () => (await api.request("GET", `${DEPLOYMENTS}/a1`)).status === 200);
    await idle();
    const found = await api.must("GET", `${DEPLOYMENTS}/a0`);
    assert.equal(found.spec.template.metadata.labels.extra, "theirs", "what isn't ours stays");
  });

  it("leaves alone an object of that name which somebody else made, and says so", async () => {
    const { api } = plane as ControlPlane;
    const theirs = { apiVersion: "v1", kind: "Service", metadata: { name: "taken" }, spec: { ports: [{ port: 1 }] } };
    await api.must("POST", "/api/v1/namespaces/default/services", theirs);
    await api.must("POST", APPS, app("taken"));
    const stalled = await until("the stray is reported", async () => {
      const { status } = await api.must("GET", `${APPS}/taken`);
      return (status?.conditions as JsonObject[] | undefined)?.find(({ type }) => type === "Stalled");
    });
    assert.equal(stalled["reason"], "Stray");
    const service = await api.must("GET", "/api/v1/namespaces/default/services/taken");
    assert.equal(service.metadata.ownerReferences, undefined);
    await api.must("DELETE", "/api/v1/namespaces/default/services/taken");
    await until("it recovers once the way is free", async () => {
      const { status } = await api.must("GET", `${APPS}/taken`);
      return !(status?.conditions as JsonObject[]).some(({ type }) => type === "Stalled");
    });
  });

  it("can create by apply without ever touching what exists", async () => {
    const { api } = plane as ControlPlane;
    const object = (image: string): unknown => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "only-once", resourceVersion: "1" }, data: { image } });
    const path = "/api/v1/namespaces/default/configmaps/only-once?fieldManager=x&force=true";
    assert.equal((await api.request("PATCH", path, object("first"), "application/apply-patch+yaml")).status, 201);
    assert.equal((await api.request("PATCH", path, object("second"), "application/apply-patch+yaml")).status, 409);
  });

  it("keeps the value of a field that it hands over", async () => {
    const { api } = plane as ControlPlane;
    await stop();
    await api.must("POST", APPS, app("scaled", { replicas: 2 }));
    start();
    await until("it is created", async () => (await api.request("GET", `${DEPLOYMENTS}/scaled`)).status === 200);
    await idle();
    await stop();
    const transported = startReleasing();
    await until("replicas left our apply", async () => {
      const { metadata } = await api.must("GET", `${DEPLOYMENTS}/scaled`);
      const ours = (metadata.managedFields as JsonObject[]).find(({ manager }) => manager === "toque-myapp");
      return ((ours!["fieldsV1"] as JsonObject)["f:spec"] as JsonObject)["f:replicas"] === undefined;
    });
    assert.equal((await api.must("GET", `${DEPLOYMENTS}/scaled`)).spec.replicas, 2);
    await transported();
    start();
  });

  function startReleasing(): () => Promise<void> {
    const core = jsCore(MY_APP_MANIFEST, (observed) => {
      const plan = reconcileMyApp(observed);
      const [deployment] = plan.actions!;
      return { ...plan, actions: [{ ...deployment!, release: ["spec.replicas"] } as never] };
    });
    const own = createInformers({ transport, platform });
    const releasing = startHost({ cores: [{ core }], transport, informers: own, platform, events: false });
    return async () => {
      await releasing.stop();
      own.close();
    };
  }
});
