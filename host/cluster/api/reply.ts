/**
 * Answers: a status, headers and a text.
 */
import type { HttpReply } from "../../platform/http.ts";

export const JSON_TYPE = "application/json";

export function jsonReply(status: number, text: string | Uint8Array, warnings: readonly string[] = []): HttpReply {
  const headers = { "Content-Type": JSON_TYPE, "Cache-Control": "no-cache, private" };
  return { status, headers: warnings.length === 0 ? headers : { ...headers, Warning: warnings.map(warningHeader) }, body: text };
}

export function plainReply(status: number, text: string): HttpReply {
  return { status, headers: { "Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache, private" }, body: text };
}

/** RFC 7234: code, agent, quoted text. */
function warningHeader(text: string): string {
  const clean = text.replace(/[\x00-\x1f\x7f]/g, " ").replace(/["\\]/g, "\\$&");
  return `299 - "${clean}"`;
}
