/**
 * The API server's way to what runs on the simulated nodes: logs from the kubelets, requests through the network.
 */
import type { HttpCall, HttpReply } from "../platform/http.ts";
import type { Connections, LogOptions, ProxyTarget } from "./api/subresources/connect.ts";
import { badRequest, StatusError } from "./api/status-error.ts";
import type { Nodes } from "./kubelet/nodes.ts";
import type { Outcome } from "./network/http.ts";
import type { Network } from "./network/network.ts";
import type { ClusterObject } from "./model.ts";

export function connectionsOf(nodes: Nodes, network: Network): Connections {
  return {
    log: (pod, container, options) => logOf(nodes, pod, container, options),
    proxy: (target, path, call) => proxied(network, target, path, call),
  };
}

const TEXT = { "Content-Type": "text/plain", "Cache-Control": "no-cache, private" };

function logOf(nodes: Nodes, { metadata: { namespace = "", name } }: ClusterObject, container: string, options: LogOptions): HttpReply {
  const { previous, follow, timestamps, sinceMs, tailLines, limitBytes } = options;
  const log = nodes.logOf(namespace, name, container, previous);
  if (log === undefined) {
    throw badRequest(previous ? `previous terminated container ${JSON.stringify(container)} in pod ${JSON.stringify(name)} not found`
      : `container ${JSON.stringify(container)} in pod ${JSON.stringify(name)} is waiting to start: ContainerCreating`);
  }
  const text = log.text({ timestamps, ...(sinceMs === undefined ? {} : { sinceMs }), ...(tailLines === undefined ? {} : { tailLines }), ...(limitBytes === undefined ? {} : { limitBytes }) });
  if (!follow) return { status: 200, headers: TEXT, body: text };
  return {
    status: 200, headers: TEXT, body: "",
    stream(sink) {
      sink.write(text);
      return log.follow((line) => void sink.write(`${line}\n`));
    },
  };
}

interface Port { readonly name?: string; readonly port?: number; readonly containerPort?: number }

async function proxied(network: Network, target: ProxyTarget, path: string, call: HttpCall): Promise<HttpReply> {
  const { object } = target;
  const [host, port] = target.kind === "Pod" ? podAddress(object, target.port) : target.kind === "Service" ? serviceAddress(object, target.port) : fail("requests to nodes");
  const { authorization: _, ...headers } = call.headers;
  return replyOf(await network.fetch({ host, port, method: call.method, path, headers, body: new TextDecoder().decode(call.body) }));
}

function podAddress({ spec, status }: ClusterObject, asked: string): [host: string, port: number] {
  const { podIP = "" } = (status ?? {}) as { podIP?: string };
  if (podIP === "") throw badRequest("address not allowed");
  const ports = ((spec as { containers?: { ports?: Port[] }[] }).containers ?? []).flatMap(({ ports: own = [] }) => own);
  if (asked === "") return [podIP, ports[0]?.containerPort ?? 80];
  const port = /^\d+$/.test(asked) ? Number(asked) : ports.find(({ name }) => name === asked)?.containerPort;
  if (port === undefined) throw badRequest(`no port ${JSON.stringify(asked)} of the pod`);
  return [podIP, port];
}

/** The network finds the Service's endpoints. */
function serviceAddress({ metadata: { name, namespace }, spec }: ClusterObject, asked: string): [host: string, port: number] {
  const { ports = [] } = spec as { ports?: Port[] };
  const found = asked === "" ? ports[0] : ports.find((each) => each.name === asked || String(each.port) === asked);
  if (found?.port === undefined) throw unavailable(`no service port ${asked} found for service ${JSON.stringify(name)}`);
  return [`${name}.${namespace}.svc`, found.port];
}

function replyOf(outcome: Outcome): HttpReply {
  if (outcome.kind === "failed") {
    if (outcome.failure === "refused" || outcome.failure === "unknown-host") throw unavailable(`error trying to reach service: ${outcome.message}`);
    throw new StatusError(outcome.failure === "timeout" ? 504 : 502, "", `error trying to reach service: ${outcome.message}`);
  }
  const { status, headers = {}, body = "" } = outcome.response;
  return { status, headers, body };
}

function unavailable(why: string): StatusError { return new StatusError(503, "ServiceUnavailable", why); }
function fail(what: string): never { throw new StatusError(501, "", `the embedded cluster does not support ${what}`); }
