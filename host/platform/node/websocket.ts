/**
 * Frames of WebSocket (RFC 6455), as a client needs them: masked on the way out, not on the way in, fragments put together.
 */

/** What a frame is. Texts are not among what is spoken here. */
export const Opcode = { continuation: 0, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** More than any peer here sends in one message. */
const MESSAGE_BYTES_MAX = 16 << 20;

/** One whole frame. `mask`: four random bytes, new for each. */
export function frameOf(opcode: number, payload: Uint8Array, mask: Uint8Array): Buffer {
  const { length } = payload;
  const extended = length < 126 ? 0 : length < 1 << 16 ? 2 : 8;
  const frame = Buffer.allocUnsafe(2 + extended + 4 + length);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (extended === 0 ? length : extended === 2 ? 126 : 127);
  if (extended === 2) frame.writeUInt16BE(length, 2);
  if (extended === 8) frame.writeBigUInt64BE(BigInt(length), 2);
  const at = 2 + extended;
  frame.set(mask, at);
  for (let i = 0; i < length; i++) frame[at + 4 + i] = payload[i]! ^ mask[i & 3]!;
  return frame;
}

/** Puts a server's bytes together to messages, whatever pieces they come in. */
export class FrameReader {
  readonly #onMessage: (opcode: number, payload: Buffer) => void;
  #rest: Buffer = Buffer.alloc(0);
  /** Of a message in several frames. */
  #opcode = 0;
  #pieces: Buffer[] = [];
  #bytes = 0;

  constructor(onMessage: (opcode: number, payload: Buffer) => void) {
    this.#onMessage = onMessage;
  }

  /** Throws on what no server may send; the connection is then of no use. */
  push(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (let used = this.#frame(this.#rest); used > 0; used = this.#frame(this.#rest)) this.#rest = this.#rest.subarray(used);
  }

  /** Takes the first frame of `bytes`; returns its length, 0 when it is not whole yet. */
  #frame(bytes: Buffer): number {
    if (bytes.length < 2) return 0;
    const [first, second] = [bytes[0]!, bytes[1]!];
    if ((first & 0x70) !== 0 || (second & 0x80) !== 0) throw new Error("a frame that no server may send");
    const short = second & 0x7f;
    const at = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (bytes.length < at) return 0;
    const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
    if (length + this.#bytes > MESSAGE_BYTES_MAX) throw new Error(`a message of more than ${MESSAGE_BYTES_MAX >> 20} MiB`);
    if (bytes.length < at + length) return 0;
    this.#take((first & 0x80) !== 0, first & 0x0f, bytes.subarray(at, at + length));
    return at + length;
  }

  #take(isLast: boolean, opcode: number, payload: Buffer): void {
    // Control frames may come between the fragments of a message, and have none themselves.
    if (opcode >= Opcode.close) return this.#onMessage(opcode, payload);
    if (opcode !== Opcode.continuation) this.#opcode = opcode;
    if (isLast && this.#pieces.length === 0) return this.#onMessage(this.#opcode, payload);
    this.#pieces.push(payload);
    this.#bytes += payload.length;
    if (!isLast) return;
    const whole = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#bytes = 0;
    this.#onMessage(this.#opcode, whole);
  }
}
