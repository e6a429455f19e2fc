/**
 * Times as the API server reads and writes them: RFC 3339 in whole seconds (metav1.Time) or with exactly six digits
 * (metav1.MicroTime), always in UTC. Errors are in the words of Go's `time.Parse`.
 */
import { parseRfc3339, rfc3339, rfc3339Micro } from "../../values/time.ts";

export class TimeError extends Error {}

export const TIME_LAYOUT = "2006-01-02T15:04:05Z07:00";
export const MICRO_TIME_LAYOUT = "2006-01-02T15:04:05.000000Z07:00";

const PLAIN = /^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$/;
const ZERO = "0001-01-01T00:00:00";

/** "2026-11-22T13:15:29Z" of any RFC 3339 text; undefined for Go's zero time, which is written as null. Throws TimeError. */
export function canonicalTime(text: string): string | undefined {
  const canonical = PLAIN.test(text) ? text : rfc3339(parse(text, TIME_LAYOUT).seconds * 1000);
  return canonical.startsWith(ZERO) ? undefined : canonical;
}

/** "2026-11-22T13:15:29.042000Z"; only texts with six digits are taken. Throws TimeError. */
export function canonicalMicroTime(text: string): string | undefined {
  const { seconds, micros } = parse(text, MICRO_TIME_LAYOUT);
  // Whole milliseconds only: the last three digits are put in by hand.
  const millis = Math.floor(micros / 1000);
  const canonical = rfc3339Micro(seconds * 1000 + millis).replace("000Z", `${String(micros % 1000).padStart(3, "0")}Z`);
  return canonical.startsWith(ZERO) && micros === 0 ? undefined : canonical;
}

interface Instant { seconds: number; micros: number }
type Piece = "2006" | "01" | "02" | "15" | "04" | "05" | ".000000" | "Z07:00";
const PIECES: readonly [prefix: string, piece: Piece][] = [["", "2006"], ["-", "01"], ["-", "02"], ["T", "15"], [":", "04"], [":", "05"], ["", ".000000"], ["", "Z07:00"]];

function parse(text: string, layout: string): Instant {
  const reader = new Reader(text, layout);
  for (const [prefix, piece] of PIECES) {
    if (piece === ".000000" && layout === TIME_LAYOUT) continue;
    reader.skip(prefix);
    reader.read(piece);
  }
  return reader.end();
}

/** Reads piece by piece from the left, as Go does, so that errors name the same rest of the text. */
class Reader {
  readonly #text: string;
  readonly #layout: string;
  #rest: string;
  readonly #found = new Map<Piece, number>();
  #fraction = "";
  #offsetSeconds = 0;

  constructor(text: string, layout: string) {
    this.#text = text;
    this.#layout = layout;
    this.#rest = text;
  }

  skip(prefix: string): void {
    if (prefix !== "" && this.#rest[0] !== prefix) throw this.#bad(this.#rest, prefix);
    this.#rest = this.#rest.slice(prefix.length);
  }

  read(piece: Piece): void {
    switch (piece) {
      case "2006":
        if (!/^[0-9]/.test(this.#rest) || this.#rest.length < 4) throw this.#bad(this.#rest, piece);
        return this.#take(piece, /^[0-9]{4}/);
      case "01":
        this.#take(piece, /^[0-9]{2}/);
        return this.#inRange(piece, 1, 12, "month");
      case "02":
        return this.#take(piece, /^[0-9]{2}/);
      case "15":
        this.#take(piece, /^[0-9]{1,2}/);
        return this.#inRange(piece, 0, 23, "hour");
      case "04":
        this.#take(piece, /^[0-9]{2}/);
        return this.#inRange(piece, 0, 59, "minute");
      case "05":
        this.#take(piece, /^[0-9]{2}/);
        this.#inRange(piece, 0, 59, "second");
        // A fraction may stand where the layout has none.
        if (this.#layout === TIME_LAYOUT) this.#takeFraction(/^[.,][0-9]+/);
        return;
      case ".000000":
        if (!this.#takeFraction(/^[.,][0-9]{6}/)) throw this.#bad(this.#rest, piece);
        return;
      case "Z07:00":
        return this.#zone();
    }
  }

  end(): Instant {
    if (this.#rest !== "") throw new TimeError(`parsing time ${quote(this.#text)}: extra text: ${quote(this.#rest)}`);
    const two = (piece: Piece): string => String(this.#found.get(piece)).padStart(piece === "2006" ? 4 : 2, "0");
    const day = this.#found.get("02")!;
    const civil = `${two("2006")}-${two("01")}-${two("02")}T${two("15")}:${two("04")}:${two("05")}Z`;
    if (day < 1 || day > daysIn(this.#found.get("01")!, this.#found.get("2006")!)) throw this.#outOfRange("day");
    return { seconds: parseRfc3339(civil)!.seconds - this.#offsetSeconds, micros: Number(this.#fraction.padEnd(6, "0").slice(0, 6)) };
  }

  #take(piece: Piece, pattern: RegExp): void {
    const found = pattern.exec(this.#rest);
    if (found === null) throw this.#bad(this.#rest, piece);
    this.#found.set(piece, Number(found[0]));
    this.#rest = this.#rest.slice(found[0].length);
  }

  #takeFraction(pattern: RegExp): boolean {
    const found = pattern.exec(this.#rest);
    if (found === null) return false;
    this.#fraction = found[0].slice(1);
    this.#rest = this.#rest.slice(found[0].length);
    return true;
  }

  #inRange(piece: Piece, min: number, max: number, name: string): void {
    const value = this.#found.get(piece)!;
    if (value < min || value > max) throw this.#outOfRange(name);
  }

  #zone(): void {
    if (this.#rest[0] === "Z") {
      this.#rest = this.#rest.slice(1);
      return;
    }
    const found = /^([\s\S])([0-9]{2}):([0-9]{2})/.exec(this.#rest);
    if (found === null) throw this.#bad(this.#rest, "Z07:00");
    // Go takes 24 hours and 60 minutes.
    if (Number(found[2]) > 24) throw this.#outOfRange("time zone offset hour");
    if (Number(found[3]) > 60) throw this.#outOfRange("time zone offset minute");
    if (found[1] !== "+" && found[1] !== "-") throw this.#bad(this.#rest, "Z07:00");
    this.#offsetSeconds = (Number(found[2]) * 3600 + Number(found[3]) * 60) * (found[1] === "-" ? -1 : 1);
    this.#rest = this.#rest.slice(found[0].length);
  }

  #bad(rest: string, piece: string): TimeError {
    return new TimeError(`parsing time ${quote(this.#text)} as ${quote(this.#layout)}: cannot parse ${quote(rest)} as ${quote(piece)}`);
  }
  #outOfRange(name: string): TimeError {
    return new TimeError(`parsing time ${quote(this.#text)}: ${name} out of range`);
  }
}

function daysIn(month: number, year: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** As Go quotes in these errors: whatever is not ASCII, byte by byte. */
function quote(text: string): string {
  let quoted = "";
  for (const byte of new TextEncoder().encode(text)) {
    const character = String.fromCharCode(byte);
    if (byte < 0x20 || byte > 0x7f) quoted += `\\x${byte.toString(16).padStart(2, "0")}`;
    else quoted += character === '"' || character === "\\" ? `\\${character}` : character;
  }
  return `"${quoted}"`;
}
