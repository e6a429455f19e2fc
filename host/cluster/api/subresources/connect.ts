/**
 * Requests that go on to where a Pod runs: its log, its ports, its shell. What is behind them is the simulated nodes'
 * business.
 */
import type { HttpCall, HttpReply } from "../../../platform/http.ts";
import type { ClusterObject } from "../../model.ts";
import type { Query } from "../query.ts";
import { badRequest, notFound, notSupported } from "../status-error.ts";
import type { ResourceRequest } from "../verbs.ts";

export const CONNECTED = new Set(["log", "proxy", "exec", "attach", "portforward"]);

export interface LogOptions {
  readonly container: string;
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly sinceSeconds: number | undefined;
  readonly sinceTime: string;
  readonly tailLines: number | undefined;
  readonly limitBytes: number | undefined;
}

/** What runs on the nodes. Each may throw a StatusError. */
export interface Connections {
  log(pod: ClusterObject, options: LogOptions): HttpReply;
  /** `port` as in the path ("http:name:8080" has scheme, name and port), "" for none. `path` begins with a slash; the query is in it. */
  proxy(target: { readonly kind: "Pod" | "Service" | "Node"; readonly object: ClusterObject; readonly scheme: string; readonly port: string }, path: string, call: HttpCall): HttpReply | Promise<HttpReply>;
}

export function connect(request: ResourceRequest): HttpReply | Promise<HttpReply> {
  const { scope, path: { subresource } } = request;
  const { connections } = scope.kernel;
  if (connections === undefined) throw notSupported(`${subresource} without simulated nodes`);
  if (subresource === "proxy") return proxied(request, connections);
  if (subresource !== "log") throw notSupported(`${subresource} of ${scope.entry.name}`);
  return connections.log(objectNamed(request, request.path.name), logOptions(request.info.query));
}

function objectNamed({ scope }: ResourceRequest, name: string): ClusterObject {
  const stored = scope.kernel.storage.get(scope.entry.name, scope.key(name));
  if (stored === undefined) throw notFound(scope.named, name);
  return stored.object;
}

function logOptions(query: Query): LogOptions {
  return {
    container: query.text("container"), follow: query.flag("follow"), previous: query.flag("previous"), timestamps: query.flag("timestamps"),
    sinceSeconds: query.integer("sinceSeconds"), sinceTime: query.text("sinceTime"), tailLines: query.integer("tailLines"), limitBytes: query.integer("limitBytes"),
  };
}

/** "name", "name:port", "scheme:name:port". */
function proxied(request: ResourceRequest, connections: Connections): HttpReply | Promise<HttpReply> {
  const { scope, call, path } = request;
  const parts = path.name.split(":");
  const [scheme, name, port] = parts.length === 3 ? parts as [string, string, string] : ["", parts[0]!, parts[1] ?? ""];
  if (parts.length > 3) throw badRequest(`invalid ${scope.kind.kind.toLowerCase()} request ${JSON.stringify(path.name)}`);
  const kind = scope.kind.kind as "Pod" | "Service" | "Node";
  const mark = call.path.indexOf("?");
  const target = `/${path.rest}${mark === -1 ? "" : call.path.slice(mark)}`;
  return connections.proxy({ kind, object: objectNamed(request, name), scheme, port }, target, call);
}
