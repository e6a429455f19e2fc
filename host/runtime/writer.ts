/**
 * The only way a runtime writes: every request passes the Lease's gate right before it is sent, carries the operator's
 * identity, and is bounded in time. Of the answer only the identity of the object is read.
 */
import type { ApiRequest, TextCodec, Transport } from "../platform/platform.ts";
import { TransportError } from "../platform/platform.ts";
import { send } from "./api.ts";
import { ApiError } from "./contracts.ts";
import { NO_METRICS, type Metrics } from "./metrics.ts";

/** What a host may do now. `Leader` implements it; a host without a Lease always may. */
export interface WriteGate {
  /** Milliseconds for which a write may still be under way; 0 or less: none may be sent. */
  writableMs(): number;
}
export const ALWAYS: WriteGate = { writableMs: () => Number.POSITIVE_INFINITY };

export interface Written { status: number; uid: string; resourceVersion: string }

export const JSON_TYPE = "application/json";
export const MERGE_PATCH = "application/merge-patch+json";
/** JSON is YAML: the API server's name for a server-side apply. */
export const APPLY_PATCH = "application/apply-patch+yaml";

export interface WriterOptions {
  transport: Transport;
  text: TextCodec;
  gate?: WriteGate;
  metrics?: Metrics;
  impersonate?: { user: string; groups: string[] };
  /** Longest time for one write. Default 15 s. */
  timeoutMs?: number;
}

export class Writer {
  readonly #options: WriterOptions;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** Throws ApiError and TransportError; `NotSent` when the Lease is lost. */
  async write(method: ApiRequest["method"], path: string, body: string, contentType: string): Promise<Written> {
    const { transport, text, gate = ALWAYS, metrics = NO_METRICS, impersonate, timeoutMs = 15_000 } = this.#options;
    const writableMs = gate.writableMs();
    if (writableMs <= 0) throw new TransportError("NotSent", "this host does not hold the Lease (any more): no write is sent");
    const request: ApiRequest = { method, path, body, contentType, timeoutMs: Math.min(timeoutMs, writableMs) };
    if (impersonate !== undefined) request.impersonate = impersonate;
    try {
      const response = await send(transport, text, request);
      metrics.add("rest_client_requests_total", { code: String(response.status), method, host: "" });
      const identity = identityOf(text.decodeUtf8(response.body, 0, response.body.length));
      return { status: response.status, ...identity };
    } catch (error) {
      metrics.add("rest_client_requests_total", { code: error instanceof ApiError ? String(error.status) : "<error>", method, host: "" });
      throw error;
    }
  }
}

/** True when the write may have taken effect although no success came back. */
export function outcomeUnknown(error: unknown): boolean {
  if (error instanceof TransportError) return error.failure === "Unknown" || error.failure === "Timeout";
  return error instanceof ApiError && error.status >= 500;
}

const QUOTE = 34;

/**
 * `metadata.uid` and `metadata.resourceVersion` of an object's JSON text, "" where missing. Walks the text without
 * making values: bodies are several KB, and these two are all that is wanted.
 */
export function identityOf(text: string): { uid: string; resourceVersion: string } {
  const found = { uid: "", resourceVersion: "" };
  let depth = 0;
  let inMetadata = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === QUOTE) {
      const end = stringEnd(text, i + 1);
      if (depth <= 2 && text.charCodeAt(end + 1) === 58) {
        if (depth === 1) inMetadata = text.startsWith("metadata", i + 1) && end === i + 9;
        else if (inMetadata) takeMember(text, i + 1, end, found);
      }
      i = end;
    } else if (c === 123 || c === 91) {
      depth++;
    } else if (c === 125 || c === 93) {
      depth--;
      if (depth === 1 && inMetadata) break;
    }
  }
  return found;
}

function takeMember(text: string, start: number, end: number, found: { uid: string; resourceVersion: string }): void {
  const name = text.slice(start, end);
  if (name !== "uid" && name !== "resourceVersion") return;
  if (text.charCodeAt(end + 2) === QUOTE) found[name] = text.slice(end + 3, stringEnd(text, end + 3));
}

/** Index of the quote that closes the string whose first character is at `from`. */
function stringEnd(text: string, from: number): number {
  let end = text.indexOf('"', from);
  while (end !== -1) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === 92) slashes++;
    if (slashes % 2 === 0) return end;
    end = text.indexOf('"', end + 1);
  }
  return text.length;
}
