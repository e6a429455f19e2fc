import assert from "node:assert/strict";
import { test } from "node:test";
import { world } from "../../testing/world.ts";
import type { Outcome } from "../../network/http.ts";
import type { NetworkRequest } from "../../network/network.ts";
import { ENDPOINTS, SERVICES, type Service } from "../../typed/core.ts";
import { ENDPOINT_SLICES } from "../../typed/others.ts";

function shop() {
  const made = world({ timing: { pullMs: 0 } });
  const { api, network, advance, nodes } = made;
  nodes.images.register("echo", { start: ({ pod }) => ({
    listens: (port) => port === 8080,
    serve: ({ method, path, body, headers }, _port, answer) => answer({ status: path.startsWith("/ready") && pod.labels["sick"] === "yes" ? 503 : 200, body: `${pod.name} ${method} ${path} ${body}${headers["x"] ?? ""}` }),
  }) });
  return {
    ...made,
    service: (name: string, spec: Partial<Service["spec"]> = {}) => api.create(SERVICES, { metadata: { name, namespace: "default", labels: { team: "a" } }, spec: { selector: { app: "web" }, ports: [{ name: "http", port: 80, targetPort: "web", protocol: "TCP" }], type: "ClusterIP", ...spec } }),
    echo: (name: string, more: { [label: string]: string } = {}, spec: { hostname?: string; subdomain?: string } = {}) => made.run(name, {
      ...spec, containers: [{ name: "main", image: "echo", ports: [{ name: "web", containerPort: 8080, protocol: "TCP" }], readinessProbe: { httpGet: { path: "/ready", port: "web" }, periodSeconds: 1, failureThreshold: 1 } }],
    }, { app: "web", ...more }),
    ask: (request: Omit<NetworkRequest, "path"> & { path?: string }): Outcome => {
      let outcome: Outcome | undefined;
      network.request({ path: "/", timeoutMs: 2000, ...request }, (each) => { outcome = each; });
      advance(3000);
      return outcome!;
    },
  };
}
const body = (outcome: Outcome): string => (outcome.kind === "response" ? outcome.response.body! : `${outcome.failure}: ${outcome.message}`);

test("a Service has its ready Pods as endpoints, in slices and in Endpoints", () => {
  const { service, echo, advance, list, get, pod } = shop();
  service("web");
  echo("a");
  echo("b", { sick: "yes" });
  advance(3000);
  const [slice] = list(ENDPOINT_SLICES);
  assert.match(slice!.metadata.name, /^web-[a-z0-9]{5}$/);
  assert.deepEqual(slice!.metadata.labels, { team: "a", "kubernetes.io/service-name": "web", "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io", ...(get(SERVICES, "web").spec.clusterIP === undefined ? { "service.kubernetes.io/headless": "" } : {}) });
  assert.deepEqual(slice!.ports, [{ name: "http", port: 8080, protocol: "TCP" }]);
  assert.deepEqual(slice!.endpoints!.map(({ addresses, conditions, targetRef, nodeName }) => [addresses[0], conditions!.ready, targetRef!.name, nodeName]), [
    [pod("a").status!.podIP, true, "a", pod("a").spec.nodeName], [pod("b").status!.podIP, false, "b", pod("b").spec.nodeName],
  ]);
  const [subset] = get(ENDPOINTS, "web").subsets!;
  assert.deepEqual([subset!.addresses!.map(({ ip }) => ip), subset!.notReadyAddresses!.map(({ ip }) => ip), subset!.ports], [[pod("a").status!.podIP], [pod("b").status!.podIP], [{ name: "http", port: 8080, protocol: "TCP" }]]);
});

test("a Service without Pods has one slice without endpoints; it goes with its Service", () => {
  const { service, advance, list, api, get } = shop();
  service("web");
  advance(1000);
  assert.equal(list(ENDPOINT_SLICES).length, 1);
  assert.equal((list(ENDPOINT_SLICES)[0]!.endpoints ?? []).length, 0);
  api.delete(SERVICES, get(SERVICES, "web"));
  advance(1000);
  assert.deepEqual([list(ENDPOINT_SLICES), list(ENDPOINTS).filter(({ metadata }) => metadata.name === "web")], [[], []]);
});

test("requests find Pods by address and Services by name, by turns, but only ready ones", () => {
  const { service, echo, ask, advance, pod } = shop();
  service("web", { clusterIP: "10.96.7.7" });
  echo("a");
  echo("b");
  echo("c", { sick: "yes" });
  advance(3000);
  assert.equal(body(ask({ host: pod("c").status!.podIP!, port: 8080, method: "PUT", path: "/x?y=1", body: "hi", headers: { x: "!" } })), "c PUT /x?y=1 hi!");
  const seen = ["web", "web.default", "web.default.svc", "web.default.svc.cluster.local", "10.96.7.7"].map((host) => body(ask({ host, port: 80, from: { namespace: "default" } }))[0]);
  assert.deepEqual(seen.sort(), ["a", "a", "a", "b", "b"]);
  assert.match(body(ask({ host: "nobody", port: 80 })), /^unknown-host: lookup nobody: no such host/);
  assert.match(body(ask({ host: "web.default.svc", port: 81 })), /^refused: /);
  assert.match(body(ask({ host: pod("a").status!.podIP!, port: 9 })), /^refused: dial tcp 10\.244\.\d+\.\d+:9: connect: connection refused/);
  assert.match(body(ask({ host: "10.244.9.9", port: 80 })), /^timeout: /);
});

test("Pods of a headless Service have names of their own", () => {
  const { service, echo, ask, advance } = shop();
  service("db", { clusterIP: "None" });
  echo("db-0", {}, { hostname: "db-0", subdomain: "db" });
  echo("db-1", {}, { hostname: "db-1", subdomain: "db" });
  advance(3000);
  assert.equal(body(ask({ host: "db-1.db.default.svc", port: 8080 }))[3], "1");
  assert.equal(body(ask({ host: "db-0.db", port: 8080, from: { namespace: "default" } }))[3], "0");
});

test("a node that is cut off is out of reach, for all but itself", () => {
  const { echo, ask, advance, pod, nodes } = shop();
  echo("a");
  advance(2000);
  const { podIP, nodeName } = { podIP: pod("a").status!.podIP!, nodeName: pod("a").spec.nodeName! };
  nodes.get(nodeName).partition();
  assert.match(body(ask({ host: podIP, port: 8080 })), /^timeout/);
  assert.match(body(ask({ host: podIP, port: 8080, from: { node: nodeName } })), /^a GET/);
  nodes.get(nodeName).heal();
  assert.match(body(ask({ host: podIP, port: 8080 })), /^a GET/);
});

test("a process that dies leaves its callers without an answer", () => {
  const { run, ask, advance, pod, nodes, kit } = shop();
  nodes.images.register("mute", { start: () => ({ serve: () => undefined }) });
  run("mute", { containers: [{ name: "main", image: "mute" }] });
  advance(2000);
  kit.after(500, () => nodes.killPod("default", "mute"));
  assert.match(body(ask({ host: pod("mute").status!.podIP!, port: 80 })), /^reset: /);
});
