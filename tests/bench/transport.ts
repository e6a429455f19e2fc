/**
 * CPU per request and latency of three ways to an API server, 20 requests at a time: the host's own transport,
 * `node:https` with a keep-alive agent, and `node:http2`. `node tests/bench/transport.ts [REQUESTS]`; starts a control
 * plane of its own. The figures in docs/adr/0003-transport.md come from here.
 */
import { fork } from "node:child_process";
import { connect as connectHttp2 } from "node:http2";
import { Agent, request as requestHttps } from "node:https";
import { connectTo, loadTarget, type Target } from "../../host/platform/node/index.ts";
import { startControlPlane } from "../support/control-plane.ts";

type Send = (method: "GET" | "PATCH", path: string, body?: string) => Promise<number>;
const AT_ONCE = 20;

function own(target: Target): Send {
  const transport = connectTo(target);
  return async (method, path, body) => (await transport.request({ method, path, contentType: "application/apply-patch+yaml", ...(body === undefined ? {} : { body }) })).status;
}

function https(target: Target, authorization: string): Send {
  const agent = new Agent({ keepAlive: true, maxSockets: 32, ca: target.ca() });
  return (method, path, body) => new Promise((resolve, reject) => {
    const headers = { authorization, accept: "application/json", "content-type": "application/apply-patch+yaml", ...(body === undefined ? {} : { "content-length": Buffer.byteLength(body) }) };
    const sent = requestHttps({ host: target.url.hostname, port: target.url.port, method, path, agent, headers }, (response) => {
      const pieces: Buffer[] = [];
      response.on("data", (piece: Buffer) => pieces.push(piece));
      response.on("end", () => { Buffer.concat(pieces); resolve(response.statusCode!); });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

function http2(target: Target, authorization: string): Send {
  const session = connectHttp2(target.url, { ca: target.ca() });
  return (method, path, body) => new Promise((resolve, reject) => {
    const sent = session.request({ ":method": method, ":path": path, authorization, accept: "application/json", "content-type": "application/apply-patch+yaml" }, { endStream: body === undefined });
    const pieces: Buffer[] = [];
    let status = 0;
    sent.on("response", (headers) => { status = Number(headers[":status"]); });
    sent.on("data", (piece: Buffer) => pieces.push(piece));
    sent.on("end", () => { Buffer.concat(pieces); resolve(status); });
    sent.on("error", reject);
    if (body !== undefined) sent.end(body);
  });
}

const name = (i: number): string => `/api/v1/namespaces/default/configmaps/bench-${i % 200}`;
const apply = (i: number, v: string): string => JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: `bench-${i % 200}`, labels: { app: "x" } }, data: { v, pad: "x".repeat(600) } });

async function measure(label: string, count: number, send: (i: number) => Promise<number>): Promise<void> {
  const latencies: number[] = [];
  let next = 0;
  const cpuBefore = process.cpuUsage();
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let i = next++; i < count; i = next++) {
      const started = performance.now();
      const status = await send(i);
      if (status >= 300) throw new Error(`${label}: ${status}`);
      latencies.push(performance.now() - started);
    }
  }));
  const cpu = process.cpuUsage(cpuBefore);
  latencies.sort((a, b) => a - b);
  const at = (share: number): string => latencies[Math.floor(count * share)]!.toFixed(1).padStart(5);
  console.log(`${label.padEnd(12)} CPU ${((cpu.user + cpu.system) / 1000 / count).toFixed(3)} ms a request, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`);
}

async function contestant(way: string, file: string, count: number): Promise<void> {
  const target = await loadTarget({ file });
  const send = { own: () => own(target), https: () => https(target, target.credentials.authorization() as string), http2: () => http2(target, target.credentials.authorization() as string) }[way]!();
  const patch = (round: string) => (i: number): Promise<number> => send("PATCH", `${name(i)}?fieldManager=bench&force=true`, apply(i, `${way} ${round} ${i}`));
  await Promise.all(Array.from({ length: 400 }, (_, i) => patch("warm")(i)));
  await measure(`${way} apply`, count, patch("hot"));
  await measure(`${way} get`, count, (i) => send("GET", name(i)));
  process.exit(0);
}

const [way, file, requests] = process.argv.slice(2);
if (file !== undefined) {
  await contestant(way!, file, Number(requests));
} else {
  const plane = await startControlPlane({ audit: [] });
  if ("skipped" in plane) throw new Error(plane.skipped);
  for (let round = 0; round < 3; round++) {
    for (const each of ["own", "https", "http2"]) {
      await new Promise((resolve) => fork(import.meta.filename, [each, plane.kubeconfig, way ?? "2000"]).on("exit", resolve));
    }
  }
  await plane.stop();
}
