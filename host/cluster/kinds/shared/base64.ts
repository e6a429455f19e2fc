/** Binary values, which are kept as canonical base64. */
import { decodeBase64, encodeBase64 } from "../../../values/base64.ts";

export function decodedLength(text: string): number {
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  return (text.length / 4) * 3 - padding;
}
export function toBase64(text: string): string {
  return encodeBase64(utf8(text));
}
/** As text; what is no UTF-8 comes out as U+FFFD. */
export function fromBase64(text: string): string {
  return new TextDecoder().decode(decodeBase64(utf8(text)) ?? new Uint8Array(0));
}
function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
