/**
 * The embedded cluster alone, in one process on one core: creates and reads per second with text in and out, what Pods take
 * of memory, how long a fork and a start take. `node tests/bench/cluster.ts [PODS]`.
 */
import { readFileSync } from "node:fs";
import { createCluster, type Cluster } from "../../host/cluster/cluster.ts";
import { nodePlatform } from "../../host/platform/node/index.ts";

const platform = nodePlatform();
const encoder = new TextEncoder();
const podCount = Number(process.argv[2] ?? 100_000);

/** A Pod that a kubelet has run, as a client would make it: without what the server and the kubelet put in. */
function realPod(name: string): object {
  const pods = JSON.parse(readFileSync(new URL("../recordings/pods-1.36.json", import.meta.url), "utf8")) as { items: { metadata: { labels?: object; annotations?: object }; spec: { [field: string]: unknown } }[] };
  const { metadata: { labels, annotations }, spec } = pods.items[0]!;
  const { nodeName: _node, ...own } = spec;
  return { apiVersion: "v1", kind: "Pod", metadata: { name, labels, annotations }, spec: own };
}

function ask(cluster: Cluster, method: string, path: string, body: Uint8Array = new Uint8Array(), contentType = "application/json"): string | Uint8Array {
  const reply = cluster.server.answer({ method, path, headers: { "content-type": contentType, accept: "application/json", "user-agent": "bench/1", authorization: `Bearer ${cluster.adminToken}` }, body });
  if (reply.status >= 300) throw new Error(`${method} ${path}: ${reply.status} ${String(reply.body)}`);
  return reply.body;
}

/** Microseconds of this process's CPU: others may be using the machine. */
function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Runs `one` for two seconds of CPU, half of them to warm up. */
function rate(what: string, one: (n: number) => void): void {
  let [n, counted, begun] = [0, 0, 0];
  for (let phase = 0; phase < 2; phase++) {
    const end = (begun = cpuUs()) + 1e6;
    counted = n;
    while (cpuUs() < end) for (let k = 0; k < 50; k++) one(n++);
  }
  const each = (cpuUs() - begun) / (n - counted);
  console.log(`${what.padEnd(44)} ${Math.round(1e6 / each).toLocaleString("en").padStart(9)} /s, ${each.toFixed(1)} us of CPU`);
}

function heapMb(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

function start(): void {
  for (let n = 0; n < 5; n++) {
    const begun = cpuUs();
    createCluster(platform);
    console.log(`${`an empty cluster is ready, ${n === 0 ? "first" : "again"}`.padEnd(44)} ${((cpuUs() - begun) / 1000).toFixed(1).padStart(9)} ms of CPU`);
  }
}

function rates(): void {
  const cluster = createCluster(platform);
  const configMaps = "/api/v1/namespaces/default/configmaps";
  rate("create a ConfigMap", (n) => ask(cluster, "POST", configMaps, encoder.encode(`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c${n}","labels":{"app":"a"}},"data":{"a":"1","b":"2"}}`)));
  const pods = "/api/v1/namespaces/default/pods";
  const pod = JSON.stringify(realPod("POD"));
  const small = (name: string): string => `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"${name}","labels":{"app":"a"}},"spec":{"containers":[{"name":"main","image":"registry.example/app:1"}]}}`;
  rate(`create a Pod of ${small("POD").length} bytes`, (n) => ask(cluster, "POST", pods, encoder.encode(small(`s${n}`))));
  rate(`create a Pod of ${pod.length} bytes`, (n) => ask(cluster, "POST", pods, encoder.encode(pod.replaceAll("POD", `p${n}`))));
  rate("read a Pod", (n) => void ask(cluster, "GET", `${pods}/p${n % 1000}`));
  rate("update a Pod's status", (n) => ask(cluster, "PATCH", `${pods}/p${n % 1000}/status`, encoder.encode(`{"status":{"message":"m${n}"}}`), "application/merge-patch+json"));
}

function memory(): void {
  const cluster = createCluster(platform);
  const pod = JSON.stringify(realPod("POD"));
  const before = heapMb();
  const begun = cpuUs();
  for (let n = 0; n < podCount; n++) ask(cluster, "POST", `/api/v1/namespaces/default/pods`, encoder.encode(pod.replaceAll("POD", `pod-${n}`)));
  const seconds = (cpuUs() - begun) / 1e6;
  let jsonBytes = 0;
  for (const { text } of cluster.storage.list("pods")) jsonBytes += text.length;
  const each = ((heapMb() - before) * 2 ** 20) / podCount;
  console.log(`${`${podCount.toLocaleString("en")} Pods made in ${seconds.toFixed(1)} s of CPU`.padEnd(44)} ${Math.round(each).toLocaleString("en").padStart(9)} bytes each, ${Math.round(jsonBytes / podCount)} of them JSON: ${Math.round(each - jsonBytes / podCount)} beyond`);
  const listing = performance.now();
  const { length } = ask(cluster, "GET", "/api/v1/pods");
  console.log(`${"all of them listed".padEnd(44)} ${(performance.now() - listing).toFixed(0).padStart(9)} ms, ${(length / 2 ** 20).toFixed(0)} MiB`);
}

function fork(): void {
  const cluster = createCluster(platform);
  for (let n = 0; n < 1000; n++) ask(cluster, "POST", "/api/v1/namespaces/default/configmaps", encoder.encode(`{"metadata":{"name":"c${n}"}}`));
  for (let n = 0; n < 200; n++) cluster.fork();
  const begun = performance.now();
  for (let n = 0; n < 200; n++) cluster.fork();
  console.log(`${"fork of 1,000 objects".padEnd(44)} ${((performance.now() - begun) / 200).toFixed(3).padStart(9)} ms`);
}

start();
rates();
fork();
memory();
