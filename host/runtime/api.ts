/**
 * Requests to an API server: the paths of a kind's resource, and what an answer that isn't a success means.
 */
import type { KindRef } from "../../bindings/protocol/manifest.ts";
import type { ApiRequest, ApiResponse, TextCodec, Transport } from "../platform/platform.ts";
import { ApiError } from "./contracts.ts";

/** "/apis/apps/v1/namespaces/ns/deployments"; without `namespace`: all namespaces, or a cluster-scoped kind. */
export function collectionPath(kind: KindRef, namespace?: string): string {
  const group = kind.apiVersion.includes("/") ? `/apis/${kind.apiVersion}` : `/api/${kind.apiVersion}`;
  const scope = kind.namespaced && namespace !== undefined && namespace !== "" ? `/namespaces/${encodeURIComponent(namespace)}` : "";
  return `${group}${scope}/${kind.plural}`;
}

/** The path of one object, or of a subresource of it ("status"). */
export function objectPath(kind: KindRef, namespace: string | undefined, name: string, subresource?: string): string {
  const path = `${collectionPath(kind, namespace)}/${encodeURIComponent(name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

/** `path` with the parameters that aren't undefined, in the order given. */
export function withQuery(path: string, parameters: { [name: string]: string | number | undefined }): string {
  const pairs = Object.entries(parameters).filter(([, value]) => value !== undefined);
  if (pairs.length === 0) return path;
  return `${path}?${pairs.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join("&")}`;
}

/** Sends `request`; any status of 400 and more is an ApiError. Throws TransportError too. */
export async function send(transport: Transport, text: TextCodec, request: ApiRequest): Promise<ApiResponse> {
  const response = await transport.request(request);
  if (response.status >= 400) throw apiErrorOf(response, text);
  return response;
}

/** Kubernetes' reason for statuses whose body carries none (a proxy's page, an empty body). */
const REASONS: { [status: number]: string } = {
  400: "BadRequest", 401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 405: "MethodNotAllowed", 406: "NotAcceptable",
  409: "Conflict", 410: "Gone", 413: "RequestEntityTooLarge", 415: "UnsupportedMediaType", 422: "Invalid",
  429: "TooManyRequests", 500: "InternalError", 503: "ServiceUnavailable", 504: "Timeout",
};

/** The error in a response that isn't a success: its `Status` body where there is one. */
export function apiErrorOf(response: ApiResponse, text: TextCodec): ApiError {
  const body = text.decodeUtf8(response.body, 0, response.body.length);
  const header = Number(response.headers["retry-after"]);
  const error = statusError(parsed(body), response.status);
  const retryAfterS = Number.isFinite(header) && header > 0 ? header : error.retryAfterS;
  const message = error.message !== "" ? error.message : `the API server answered ${response.status}: ${body.slice(0, 200).trim() || "(no text)"}`;
  return new ApiError(response.status, error.reason, message, retryAfterS);
}

/** Reads a `Status` object: of a response, or of an ERROR event in a watch (`status` 0: take its own code). */
export function statusError(object: unknown, status: number): { status: number; reason: string; message: string; retryAfterS: number | undefined } {
  const found = isRecord(object) && object["kind"] === "Status" ? object : {};
  const details = isRecord(found["details"]) ? found["details"] : {};
  const code = status !== 0 ? status : typeof found["code"] === "number" ? found["code"] : 500;
  return {
    status: code,
    reason: typeof found["reason"] === "string" && found["reason"] !== "" ? found["reason"] : (REASONS[code] ?? "Unknown"),
    message: typeof found["message"] === "string" ? found["message"] : "",
    retryAfterS: typeof details["retryAfterSeconds"] === "number" && details["retryAfterSeconds"] > 0 ? details["retryAfterSeconds"] : undefined,
  };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
