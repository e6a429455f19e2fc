/**
 * Reads HTTP/1.1 responses from a connection's bytes, one after the other: head, body by length, in chunks, or up to the
 * end of the connection. Strict where being lax would mix up two answers.
 */
export interface ParserEvents {
  onHead(status: number, headers: { [lowerCaseName: string]: string }): void;
  onBody(piece: Uint8Array): void;
  /** The response is whole. `reusable`: the next one may follow on this connection. */
  onDone(reusable: boolean): void;
}

/** More than any API server sends. */
const HEAD_BYTES_MAX = 256 << 10;

type State = "head" | "length" | "chunkSize" | "chunk" | "chunkEnd" | "trailer" | "untilClose" | "broken";

export class ResponseParser {
  readonly #events: ParserEvents;
  #state: State = "head";
  /** Bytes of a head or a chunk's line that have not been completed. */
  #rest: Buffer | undefined;
  /** Bytes of body, or of the chunk, still to come. */
  #remaining = 0;
  #reusable = true;
  /** The response is whole, and nobody has been told yet. */
  #finished = false;

  constructor(events: ParserEvents) {
    this.#events = events;
  }

  /** Throws on what is not HTTP/1.1; the connection is then of no use. */
  push(chunk: Buffer): void {
    let bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = undefined;
    while (bytes.length > 0) {
      const used = this.#step(bytes);
      if (used < 0) {
        if (bytes.length > HEAD_BYTES_MAX) throw this.#broken("a head without an end");
        this.#rest = bytes;
        return;
      }
      bytes = bytes.subarray(used);
      if (!this.#finished) continue;
      // Taken for the next answer, they would be given to whoever asks next.
      if (bytes.length > 0) throw this.#broken("bytes behind the answer");
      this.#tellDone();
    }
  }

  /** The peer has ended the connection; true when that is how the body was to end. */
  end(): boolean {
    if (this.#state !== "untilClose") return false;
    this.#done(false);
    this.#tellDone();
    return true;
  }

  /** Consumes something at the beginning of `bytes` and returns how much; -1 when more is needed. */
  #step(bytes: Buffer): number {
    switch (this.#state) {
      case "head": return this.#head(bytes);
      case "length":
      case "chunk": return this.#body(bytes);
      case "chunkSize": return this.#line(bytes, (line) => this.#chunkSize(line));
      case "chunkEnd": return this.#line(bytes, (line) => {
        if (line !== "") throw this.#broken("a chunk of the wrong length");
        this.#state = "chunkSize";
      });
      case "trailer": return this.#line(bytes, (line) => {
        if (line === "") this.#done(this.#reusable);
      });
      case "untilClose":
        this.#events.onBody(bytes);
        return bytes.length;
      case "broken": throw this.#broken("bytes after an error");
    }
  }

  #head(bytes: Buffer): number {
    const end = bytes.indexOf("\r\n\r\n", 0, "latin1");
    if (end < 0) return -1;
    const lines = bytes.toString("latin1", 0, end).split("\r\n");
    const status = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(lines[0]!);
    if (status === null) throw this.#broken(`no HTTP/1.1 status line: ${JSON.stringify(lines[0]!.slice(0, 60))}`);
    const code = Number(status[1]);
    if (code >= 200) this.#open(code, headersOf(lines), lines[0]!.startsWith("HTTP/1.0"));
    else if (code === 101) throw this.#broken("an upgrade that nobody asked for");
    return end + 4;
  }

  #open(status: number, headers: { [name: string]: string }, old: boolean): void {
    this.#reusable = !old && !/\bclose\b/i.test(headers["connection"] ?? "");
    const length = headers["content-length"];
    const empty = status === 204 || status === 304;
    this.#state = empty ? "head" : /\bchunked\b/i.test(headers["transfer-encoding"] ?? "") ? "chunkSize" : length === undefined ? "untilClose" : "length";
    if (this.#state === "length") {
      if (!/^\d+$/.test(length!)) throw this.#broken("a content-length that is no number");
      this.#remaining = Number(length);
    }
    const done = empty || (this.#state === "length" && this.#remaining === 0);
    this.#events.onHead(status, headers);
    if (done) this.#done(this.#reusable);
  }

  #body(bytes: Buffer): number {
    const used = Math.min(bytes.length, this.#remaining);
    this.#remaining -= used;
    this.#events.onBody(used === bytes.length ? bytes : bytes.subarray(0, used));
    if (this.#remaining === 0) {
      if (this.#state === "length") this.#done(this.#reusable);
      else this.#state = "chunkEnd";
    }
    return used;
  }

  #chunkSize(line: string): void {
    const size = /^([0-9a-fA-F]{1,8})(?:;|$)/.exec(line.trim());
    if (size === null) throw this.#broken("a chunk without a size");
    this.#remaining = Number.parseInt(size[1]!, 16);
    this.#state = this.#remaining === 0 ? "trailer" : "chunk";
  }

  #line(bytes: Buffer, take: (line: string) => void): number {
    const end = bytes.indexOf("\r\n", 0, "latin1");
    if (end < 0) return -1;
    take(bytes.toString("latin1", 0, end));
    return end + 2;
  }

  #done(reusable: boolean): void {
    this.#state = "head";
    this.#reusable = reusable;
    this.#finished = true;
  }

  #tellDone(): void {
    this.#finished = false;
    this.#events.onDone(this.#reusable);
  }

  #broken(problem: string): Error {
    this.#state = "broken";
    return new Error(problem);
  }
}

function headersOf(lines: readonly string[]): { [name: string]: string } {
  const headers: { [name: string]: string } = Object.create(null) as { [name: string]: string };
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i]!;
    const colon = line.indexOf(":");
    if (colon <= 0) continue;
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  return headers;
}
