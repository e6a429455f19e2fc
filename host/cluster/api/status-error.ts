/**
 * What a request comes to when it does not succeed: the `Status` that a real API server answers with. Thrown inside the
 * cluster, turned into a response at its edge.
 */
import type { JsonObject } from "../model.ts";

/** metav1.StatusReason, the closed list. */
export type StatusReason =
  | "Unauthorized" | "Forbidden" | "NotFound" | "AlreadyExists" | "Conflict" | "Gone" | "Invalid" | "ServerTimeout"
  | "StoreReadError" | "Timeout" | "TooManyRequests" | "BadRequest" | "MethodNotAllowed" | "NotAcceptable"
  | "RequestEntityTooLarge" | "UnsupportedMediaType" | "InternalError" | "Expired" | "ServiceUnavailable" | "";

export interface StatusCause { reason?: string; message?: string; field?: string }
export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

export class StatusError extends Error {
  readonly code: number;
  readonly reason: StatusReason;
  readonly details: StatusDetails | undefined;
  /** `metadata.continue`: how to go on after an expired page. */
  readonly metadata: { readonly continue?: string };

  constructor(code: number, reason: StatusReason, message: string, details?: StatusDetails, metadata: { continue?: string } = {}) {
    super(message);
    this.name = "StatusError";
    this.code = code;
    this.reason = reason;
    this.details = details;
    this.metadata = metadata;
  }

  /** The body of the response. */
  toStatus(): JsonObject {
    return {
      kind: "Status", apiVersion: "v1", metadata: { ...this.metadata }, status: "Failure", message: this.message,
      ...(this.reason === "" ? {} : { reason: this.reason }),
      ...(this.details === undefined ? {} : { details: this.details as JsonObject }),
      code: this.code,
    };
  }
}

/** The resource that a message and its details name: `kind` in details is the resource's plural, as the real server has it. */
export interface Named { group: string; resource: string }

const qualified = ({ group, resource }: Named): string => (group === "" ? resource : `${resource}.${group}`);
const details = ({ group, resource }: Named, name: string): StatusDetails =>
  ({ ...(name === "" ? {} : { name }), ...(group === "" ? {} : { group }), ...(resource === "" ? {} : { kind: resource }) });

export function notFound(of: Named, name: string): StatusError {
  return new StatusError(404, "NotFound", `${qualified(of)} "${name}" not found`, details(of, name));
}
export function alreadyExists(of: Named, name: string): StatusError {
  return new StatusError(409, "AlreadyExists", `${qualified(of)} "${name}" already exists`, details(of, name));
}
export function conflict(of: Named, name: string, why: string): StatusError {
  return new StatusError(409, "Conflict", `Operation cannot be fulfilled on ${qualified(of)} "${name}": ${why}`, details(of, name));
}
export function forbidden(of: Named, name: string, why: string): StatusError {
  const what = name === "" ? `${qualified(of)} is ` : `${qualified(of)} "${name}" is `;
  return new StatusError(403, "Forbidden", `${of.resource === "" ? "" : what}forbidden: ${why}`, details(of, name));
}
export function badRequest(message: string): StatusError {
  return new StatusError(400, "BadRequest", message);
}
export function expired(message: string): StatusError {
  return new StatusError(410, "Expired", message);
}
export function methodNotSupported(of: Named, verb: string): StatusError {
  return new StatusError(405, "MethodNotAllowed", `${verb} is not supported on resources of kind "${qualified(of)}"`, details(of, ""));
}
/** For what the embedded cluster does not have: clear words instead of silence. */
export function notSupported(what: string): StatusError {
  return new StatusError(501, "", `the embedded cluster does not support ${what}`);
}
