/**
 * Requests that go on to where a Pod runs: its log, its ports, its shell. What is behind them is the simulated nodes'
 * business.
 */
import { parseRfc3339 } from "../../../values/time.ts";
import type { HttpCall, HttpReply } from "../../../platform/http.ts";
import type { ClusterObject } from "../../model.ts";
import { FieldErrors } from "../field-errors.ts";
import { negotiate } from "../negotiate.ts";
import type { Query } from "../query.ts";
import { badRequest, notFound, notSupported, StatusError } from "../status-error.ts";
import type { ResourceRequest } from "../verbs.ts";

export const CONNECTED = new Set(["log", "proxy", "exec", "attach", "portforward"]);

export interface LogOptions {
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  /** Lines written before are left out. */
  readonly sinceMs: number | undefined;
  readonly tailLines: number | undefined;
  readonly limitBytes: number | undefined;
}

export interface ProxyTarget {
  readonly kind: "Pod" | "Service" | "Node";
  readonly object: ClusterObject;
  /** "https", "http", "". */
  readonly scheme: string;
  /** Name or number; "" where none was named. */
  readonly port: string;
}

/** What runs on the nodes. Each may throw a StatusError. */
export interface Connections {
  log(pod: ClusterObject, container: string, options: LogOptions): HttpReply;
  /** `path` begins with a slash; the query is in it. */
  proxy(target: ProxyTarget, path: string, call: HttpCall): HttpReply | Promise<HttpReply>;
}

interface PodSpec { readonly nodeName?: string; readonly containers?: readonly { name: string }[]; readonly initContainers?: readonly { name: string }[] }

export function connect(request: ResourceRequest): HttpReply | Promise<HttpReply> {
  const { scope, path: { subresource, name } } = request;
  if (subresource === "proxy") return proxied(request);
  if (subresource === "log") negotiate(request.call.headers["accept"], false);
  const pod = objectNamed(request, name);
  const { nodeName = "" } = pod["spec"] as PodSpec;
  if (subresource === "log") return logged(request, pod, nodeName);
  if (subresource !== "portforward") containerOf(pod, request.info.query.text("container"));
  if (nodeName === "") throw badRequest(`pod ${name} does not have a host assigned`);
  throw notSupported(`${subresource} of ${scope.entry.name}`);
}

function objectNamed({ scope }: ResourceRequest, name: string): ClusterObject {
  const stored = scope.kernel.storage.get(scope.entry.name, scope.key(name));
  if (stored === undefined) throw notFound(scope.named, name);
  return stored.object;
}

/** The container asked for, or the only one. Throws the 400. */
function containerOf(pod: ClusterObject, asked: string): string {
  const { name } = pod.metadata;
  const { containers = [], initContainers = [] } = pod["spec"] as PodSpec;
  if (asked !== "") {
    if ([...initContainers, ...containers].some((each) => each.name === asked)) return asked;
    throw badRequest(`container ${asked} is not valid for pod ${name}`);
  }
  if (containers.length === 1) return containers[0]!.name;
  const fallback = pod.metadata.annotations?.["kubectl.kubernetes.io/default-container"];
  if (fallback !== undefined && containers.some((each) => each.name === fallback)) return fallback;
  const names = (all: readonly { name: string }[]): string => `[${all.map((each) => each.name).join(" ")}]`;
  const inits = initContainers.length === 0 ? "" : ` or one of the init containers: ${names(initContainers)}`;
  throw badRequest(`a container name must be specified for pod ${name}, choose one of: ${names(containers)}${inits}`);
}

function logged(request: ResourceRequest, pod: ClusterObject, nodeName: string): HttpReply {
  const { scope: { kernel: { connections, platform } }, info: { query } } = request;
  const options = logOptions(query, pod.metadata.name, platform.clock.nowMs());
  const container = containerOf(pod, query.text("container"));
  if (nodeName === "") return { status: 204, headers: {}, body: "" };
  if (connections === undefined) throw notSupported("logs without simulated nodes");
  return connections.log(pod, container, options);
}

function logOptions(query: Query, name: string, nowMs: number): LogOptions {
  const [sinceSeconds, tailLines, limitBytes, sinceTime] = [query.integer("sinceSeconds"), query.integer("tailLines"), query.integer("limitBytes"), query.text("sinceTime")];
  const time = sinceTime === "" ? undefined : parseRfc3339(sinceTime);
  if (sinceTime !== "" && time === undefined) throw badRequest(`parsing time ${JSON.stringify(sinceTime)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(sinceTime)} as "2006"`);
  const errors = new FieldErrors();
  if (tailLines !== undefined && tailLines < 0) errors.invalid("tailLines", tailLines, "must be greater than or equal to 0");
  if (limitBytes !== undefined && limitBytes < 1) errors.invalid("limitBytes", limitBytes, "must be greater than 0");
  if (sinceSeconds !== undefined && time !== undefined) errors.forbidden("[]", "at most one of `sinceTime` or `sinceSeconds` may be specified");
  else if (sinceSeconds !== undefined && sinceSeconds < 1) errors.invalid("sinceSeconds", sinceSeconds, "must be greater than 0");
  if (!errors.empty) throw errors.toStatusError("", "PodLogOptions", name);
  const sinceMs = time !== undefined ? time.seconds * 1000 : sinceSeconds !== undefined ? nowMs - sinceSeconds * 1000 : undefined;
  return { follow: query.flag("follow"), previous: query.flag("previous"), timestamps: query.flag("timestamps"), sinceMs, tailLines, limitBytes };
}

/** "name", "name:port", "scheme:name:port". */
function proxied(request: ResourceRequest): HttpReply | Promise<HttpReply> {
  const { scope, call, path } = request;
  const kind = scope.kind.kind as ProxyTarget["kind"];
  const parts = path.name.split(":");
  if (parts.length > 3 || (parts.length === 3 && !/^(https?)?$/.test(parts[0]!))) throw badRequest(`invalid ${kind.toLowerCase()} request ${JSON.stringify(path.name)}`);
  const [scheme, name, port] = parts.length === 3 ? parts as [string, string, string] : ["", parts[0]!, parts[1] ?? ""];
  const object = objectNamed(request, name);
  const { connections } = scope.kernel;
  if (connections === undefined) throw kind === "Service" ? new StatusError(503, "ServiceUnavailable", `no endpoints available for service ${JSON.stringify(path.name)}`) : badRequest("address not allowed");
  const mark = call.path.indexOf("?");
  return connections.proxy({ kind, object, scheme, port }, `/${path.rest}${mark === -1 ? "" : call.path.slice(mark)}`, call);
}
