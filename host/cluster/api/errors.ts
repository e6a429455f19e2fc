/** What went wrong, as an answer. */
import type { HttpReply } from "../../platform/http.ts";
import { stringifyJson } from "../json.ts";
import { negotiateError } from "./negotiate.ts";
import { formatted } from "./render.ts";
import { plainReply } from "./reply.ts";
import { PageNotFound } from "./routes.ts";
import type { Kernel } from "./scope.ts";
import { StatusError } from "./status-error.ts";

/** Anything thrown becomes an answer. What is no `StatusError` is a bug of the cluster's own, and says so. */
export function errorReply(kernel: Kernel, error: unknown, accept: string | undefined, warnings: readonly string[] = []): HttpReply {
  if (error instanceof PageNotFound) return plainReply(404, `${error.message}\n`);
  const status = error instanceof StatusError ? error : internalError(error);
  const reply = formatted(kernel, negotiateError(accept), status.code, `${stringifyJson(status.toStatus())}\n`, warnings);
  const retry = status.details?.retryAfterSeconds;
  return retry === undefined || (status.code !== 429 && status.code < 500) ? reply : { ...reply, headers: { ...reply.headers, "Retry-After": String(retry) } };
}

function internalError(error: unknown): StatusError {
  const message = error instanceof RangeError && /call stack/i.test(error.message) ? "the request is nested too deeply" : error instanceof Error ? error.message : String(error);
  return new StatusError(500, "InternalError", `Internal error occurred: ${message}`, { causes: [{ message }] });
}
