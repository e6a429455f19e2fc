/** Short names for contents: FNV-1 and FNV-1a of 32 bits, spelled with letters that make no words. */
const ALPHABET = "bcdfghjklmnpqrstvwxz2456789";
const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

/** As apimachinery's `rand.SafeEncodeString` spells decimal digits. */
export function safeEncode(text: string): string {
  let encoded = "";
  for (let n = 0; n < text.length; n++) encoded += ALPHABET[text.charCodeAt(n) % ALPHABET.length];
  return encoded;
}

/** Of UTF-8 bytes. */
export function fnv32(bytes: Uint8Array): number {
  let hash = OFFSET;
  for (const byte of bytes) hash = Math.imul(hash, PRIME) ^ byte;
  return hash >>> 0;
}

/** Of UTF-16 units: for hashes whose exact value means nothing to anybody else. */
export function fnv32a(text: string, hash = OFFSET): number {
  for (let n = 0; n < text.length; n++) {
    const unit = text.charCodeAt(n);
    hash = Math.imul(hash ^ (unit & 0xff), PRIME);
    hash = Math.imul(hash ^ (unit >> 8), PRIME);
  }
  return hash >>> 0;
}

/** JSON with the members of objects in order of their names. */
export function stableText(value: unknown): string {
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map(stableText).join(",")}]`;
  const members: string[] = [];
  for (const name of Object.keys(value).sort()) {
    const member = (value as { [name: string]: unknown })[name];
    if (member !== undefined) members.push(`${JSON.stringify(name)}:${stableText(member)}`);
  }
  return `{${members.join(",")}}`;
}

/** The label `pod-template-hash`: stable for a template; a collision count makes it another one. */
export function templateHash(template: object, collisionCount: number | undefined): string {
  return safeEncode(String(fnv32a(`${stableText(template)}${collisionCount ?? ""}`)));
}

/** Deep equality of JSON; absent and undefined members are the same. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  if (Array.isArray(a)) return a.length === (b as unknown[]).length && a.every((each, n) => sameJson(each, (b as unknown[])[n]));
  const [left, right] = [a as { [name: string]: unknown }, b as { [name: string]: unknown }];
  for (const name in left) if (!sameJson(left[name], right[name])) return false;
  for (const name in right) if (right[name] !== undefined && left[name] === undefined) return false;
  return true;
}
