/**
 * Paths that name no resource: discovery, health, the version, OpenAPI.
 */
import type { HttpCall, HttpReply } from "../../platform/http.ts";
import { stringifyJson } from "../json.ts";
import type { JsonObject } from "../model.ts";
import { aggregatedDiscovery, apiGroup, apiGroupList, apiResourceList, apiVersions } from "./discovery.ts";
import { negotiate, wantsAggregated } from "./negotiate.ts";
import { formatted } from "./render.ts";
import { jsonReply, plainReply } from "./reply.ts";
import type { RequestInfo } from "./request-info.ts";
import { methodNotAllowed, noSuchResource, PageNotFound } from "./routes.ts";
import type { Kernel } from "./scope.ts";

/** What the real server of the same version says of itself; compiler and platform tell the two apart. */
const VERSION: JsonObject = {
  major: "1", minor: "36", emulationMajor: "1", emulationMinor: "36", minCompatibilityMajor: "1", minCompatibilityMinor: "35",
  gitVersion: "v1.36.3", gitCommit: "", gitTreeState: "", buildDate: "1970-01-01T00:00:00Z", goVersion: "", compiler: "toque", platform: "embedded",
};
const CHECKS = ["ping", "log", "storage"];

export function answerPage(kernel: Kernel, call: HttpCall, info: RequestInfo): HttpReply {
  const path = info.path.length > 1 ? info.path.replace(/\/+$/, "") : info.path;
  const parts = path.split("/").slice(1);
  switch (parts[0]) {
    case "": return jsonReply(200, `${JSON.stringify({ paths: paths(kernel) }, null, 2)}\n`);
    case "api": case "apis": return discovery(kernel, call, parts);
    case "healthz": case "livez": case "readyz": return health(parts, info);
    case "version":
      if (parts.length > 1) throw new PageNotFound("404 page not found");
      if (call.method !== "GET" && call.method !== "HEAD") throw methodNotAllowed();
      return jsonReply(200, `${JSON.stringify(VERSION, null, 2)}\n`);
    case "openapi": return openapi(kernel, call, parts);
    default: throw new PageNotFound("404 page not found");
  }
}

function paths(kernel: Kernel): string[] {
  const { groups } = apiGroupList(kernel) as { groups: { name: string; versions: { groupVersion: string }[] }[] };
  const grouped = groups.flatMap(({ name, versions }) => [`/apis/${name}`, ...versions.map(({ groupVersion }) => `/apis/${groupVersion}`)]);
  const checks = ["healthz", "livez", "readyz"].flatMap((page) => [`/${page}`, ...CHECKS.map((check) => `/${page}/${check}`)]);
  return ["/api", "/api/v1", "/apis", "/apis/", ...grouped, ...checks, "/openapi/v3", "/openapi/v3/", "/version"].sort();
}

function health([page, ...check]: string[], { query }: RequestInfo): HttpReply {
  if (check.length > 0 && !CHECKS.includes(check.join("/"))) throw new PageNotFound("404 page not found");
  if (check.length > 0 || !query.has("verbose")) return plainReply(200, "ok");
  return plainReply(200, `${CHECKS.map((each) => `[+]${each} ok\n`).join("")}${page} check passed\n`);
}

const AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

function discovery(kernel: Kernel, call: HttpCall, parts: string[]): HttpReply {
  const accept = call.headers["accept"];
  if (parts.length === 1 && wantsAggregated(accept)) {
    const reply = jsonReply(200, stringifyJson(aggregatedDiscovery(kernel, parts[0] === "api")));
    return { ...reply, headers: { ...reply.headers, "Content-Type": AGGREGATED, Vary: "Accept" } };
  }
  const document = documentOf(kernel, call, parts);
  return formatted(kernel, negotiate(accept, false), 200, `${stringifyJson(document)}\n`);
}

function documentOf(kernel: Kernel, call: HttpCall, [root, ...rest]: string[]): JsonObject {
  if (root === "api") {
    if (rest.length === 0) return apiVersions(call.headers["host"] ?? "");
    return (rest.length === 1 ? apiResourceList(kernel, "", rest[0]!) : undefined) ?? fail(noSuchResource());
  }
  if (rest.length === 0) return apiGroupList(kernel);
  const [group, version] = rest as [string, string?];
  const found = apiGroup(kernel, group) ?? fail(new PageNotFound("404 page not found"));
  return version === undefined ? found : apiResourceList(kernel, group, version) ?? fail(noSuchResource());
}

function openapi(kernel: Kernel, call: HttpCall, parts: string[]): HttpReply {
  if (parts[1] === "v2" && parts.length === 2) return oldOpenapi(call);
  if (parts[1] !== "v3") throw new PageNotFound("404 page not found");
  if (call.method !== "GET" && call.method !== "HEAD") throw methodNotAllowed();
  const text = kernel.openapi(parts.slice(2).join("/"));
  if (text === undefined) throw new PageNotFound("404 page not found");
  return jsonReply(200, text);
}

const OLD_PROTOBUF = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

/**
 * Version 2 defines nothing here: clients that look there for what version 3 doesn't have (kubectl, for a kind that isn't
 * served) find nothing instead of an error. As protobuf, a document without fields is no bytes at all.
 */
function oldOpenapi(call: HttpCall): HttpReply {
  if ((call.headers["accept"] ?? "").includes("proto-openapi")) return { status: 200, headers: { "Content-Type": OLD_PROTOBUF }, body: new Uint8Array(0) };
  return jsonReply(200, stringifyJson({ swagger: "2.0", info: { title: "The embedded cluster describes itself in OpenAPI v3", version: "3" }, paths: {}, definitions: {} }));
}

function fail(error: Error): never { throw error; }
