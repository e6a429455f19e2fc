/**
 * Reads what an operator may know of an X.509 certificate: its dates and names. Just enough DER for that; nothing is
 * verified.
 */
import type { TextCodec } from "../platform/platform.ts";
import { decodeBase64 } from "../values/base64.ts";

/** Dates are RFC 3339, UTC, whole seconds. */
export interface CertificateFacts {
  notBefore: string;
  notAfter: string;
  commonName: string;
  dnsNames: string[];
}

/** One element of DER: the bytes of its content, and where the next one begins. */
interface Element { tag: number; start: number; end: number }

const SEQUENCE = 0x30, OCTET_STRING = 0x04, UTC_TIME = 0x17, BOOLEAN = 0x01;
const VERSION = 0xa0, EXTENSIONS = 0xa3, DNS_NAME = 0x82;
/** Object identifiers in DER: 2.5.4.3 and 2.5.29.17. */
const COMMON_NAME = [0x55, 0x04, 0x03], SUBJECT_ALT_NAME = [0x55, 0x1d, 0x11];

const BEGIN = asciiBytes("-----BEGIN CERTIFICATE-----");
const END = asciiBytes("-----END CERTIFICATE-----");

/** The PEM certificates in `value`, in their order. One that can't be read is left out. */
export function readCertificates(value: Uint8Array, text: TextCodec): CertificateFacts[] {
  const found: CertificateFacts[] = [];
  for (let from = indexOf(value, BEGIN, 0); from >= 0; from = indexOf(value, BEGIN, from)) {
    const start = from + BEGIN.length;
    const end = indexOf(value, END, start);
    if (end < 0) break;
    const facts = readDer(decodeBase64(value.subarray(start, end)), text);
    if (facts !== undefined) found.push(facts);
    from = end + END.length;
  }
  return found;
}

function readDer(der: Uint8Array | undefined, text: TextCodec): CertificateFacts | undefined {
  if (der === undefined) return undefined;
  try {
    return readCertificate(der, text);
  } catch {
    // Somebody's Secret, not ours: its owner finds out by other ways, and the hash is there.
    return undefined;
  }
}

/** Certificate: tbsCertificate {[0] version, serial, algorithm, issuer, validity, subject, key, ..., [3] extensions}. */
function readCertificate(der: Uint8Array, text: TextCodec): CertificateFacts {
  const fields = children(der, children(der, element(der, 0))[0]!);
  const first = fields[0]!.tag === VERSION ? 1 : 0;
  const [validity, subject] = [fields[first + 3]!, fields[first + 4]!];
  const [notBefore, notAfter] = children(der, validity).map((time) => readTime(der, time, text));
  const extensions = fields.find((field) => field.tag === EXTENSIONS);
  return {
    notBefore: notBefore!,
    notAfter: notAfter!,
    commonName: commonName(der, subject, text),
    dnsNames: extensions === undefined ? [] : dnsNames(der, extensions, text),
  };
}

function commonName(der: Uint8Array, subject: Element, text: TextCodec): string {
  for (const set of children(der, subject)) {
    for (const attribute of children(der, set)) {
      const [id, value] = children(der, attribute);
      if (is(der, id!, COMMON_NAME)) return text.decodeUtf8(der, value!.start, value!.end);
    }
  }
  return "";
}

function dnsNames(der: Uint8Array, extensions: Element, text: TextCodec): string[] {
  const list = children(der, extensions)[0]!;
  for (const extension of children(der, list)) {
    const parts = children(der, extension).filter((part) => part.tag !== BOOLEAN);
    if (!is(der, parts[0]!, SUBJECT_ALT_NAME) || parts[1]?.tag !== OCTET_STRING) continue;
    const names = element(der, parts[1].start);
    if (names.tag !== SEQUENCE) return [];
    return children(der, names).filter((name) => name.tag === DNS_NAME).map((name) => text.decodeUtf8(der, name.start, name.end));
  }
  return [];
}

/** UTCTime `YYMMDDhhmmssZ` (years 1950 to 2049) or GeneralizedTime `YYYYMMDDhhmmssZ`. */
function readTime(der: Uint8Array, time: Element, text: TextCodec): string {
  const digits = text.decodeUtf8(der, time.start, time.end);
  const whole = time.tag === UTC_TIME ? (digits < "50" ? "20" : "19") + digits : digits;
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(whole);
  if (parts === null) throw new RangeError("not a time");
  return `${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}:${parts[5]}:${parts[6]}Z`;
}

function element(der: Uint8Array, at: number): Element {
  const tag = byteAt(der, at);
  let length = byteAt(der, at + 1);
  let start = at + 2;
  if (length >= 0x80) {
    const lengthBytes = length & 0x7f;
    if (lengthBytes === 0 || lengthBytes > 3) throw new RangeError("length not supported");
    length = 0;
    for (let i = 0; i < lengthBytes; i++) length = length * 256 + byteAt(der, start++);
  }
  if (start + length > der.length) throw new RangeError("truncated");
  return { tag, start, end: start + length };
}

function children(der: Uint8Array, parent: Element): Element[] {
  const found: Element[] = [];
  for (let at = parent.start; at < parent.end;) {
    const child = element(der, at);
    found.push(child);
    at = child.end;
  }
  return found;
}

function byteAt(der: Uint8Array, at: number): number {
  const byte = der[at];
  if (byte === undefined) throw new RangeError("truncated");
  return byte;
}

function is(der: Uint8Array, found: Element, wanted: readonly number[]): boolean {
  return found.end - found.start === wanted.length && wanted.every((byte, i) => der[found.start + i] === byte);
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(wanted[0]!, from); at >= 0; at = bytes.indexOf(wanted[0]!, at + 1)) {
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return at;
  }
  return -1;
}

function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (c) => c.charCodeAt(0));
}
