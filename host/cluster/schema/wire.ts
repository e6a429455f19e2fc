/** Protobuf's wire format: fields of a message, one after the other. Errors are in the words of Go's generated code. */
export class ProtobufError extends Error {}

export const Wire = { varint: 0, fixed64: 1, bytes: 2, startGroup: 3, endGroup: 4, fixed32: 5 } as const;

export interface WireField {
  readonly number: number;
  readonly wire: number;
  /** Of wire type varint or fixed64: the 64 bits, signed. */
  readonly bits: bigint;
  /** Of wire type bytes: a view, not a copy. */
  readonly bytes: Uint8Array;
}

const NOTHING = new Uint8Array(0);
const VARINT_BYTES_MAX = 10;

/** The fields in order. `message` is its name for errors. Of groups and 32-bit fields, which Kubernetes has none of, only the type is told. */
export function* fieldsOf(bytes: Uint8Array, message: string): Generator<WireField> {
  const reader = new Reader(bytes);
  while (!reader.done) {
    const tag = reader.varint();
    const wire = Number(tag & 7n);
    const number = Number(BigInt.asIntN(32, tag >> 3n));
    if (wire === Wire.endGroup) throw new ProtobufError(`proto: ${message}: wiretype end group for non-group`);
    if (number <= 0) throw new ProtobufError(`proto: ${message}: illegal tag ${number} (wire type ${tag})`);
    switch (wire) {
      case Wire.varint:
        yield { number, wire, bits: BigInt.asIntN(64, reader.varint()), bytes: NOTHING };
        break;
      case Wire.fixed64:
        yield { number, wire, bits: reader.fixed64(), bytes: NOTHING };
        break;
      case Wire.bytes:
        yield { number, wire, bits: 0n, bytes: reader.bytes() };
        break;
      default:
        // Wrong for any field that is known; who knows none goes on behind it.
        yield { number, wire, bits: 0n, bytes: NOTHING };
        reader.skip(wire);
    }
  }
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) { this.#bytes = bytes; }

  get done(): boolean { return this.#at >= this.#bytes.length; }

  varint(): bigint {
    // Nearly all are of one byte.
    const first = this.#byte();
    if (first < 0x80) return BigInt(first);
    let value = BigInt(first & 0x7f);
    for (let i = 1; i < VARINT_BYTES_MAX; i++) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new ProtobufError("proto: integer overflow");
  }

  fixed64(): bigint {
    const bytes = this.#take(8);
    return new DataView(bytes.buffer, bytes.byteOffset, 8).getBigInt64(0, true);
  }

  bytes(): Uint8Array {
    const length = BigInt.asIntN(64, this.varint());
    if (length < 0n) throw new ProtobufError("proto: negative length found during unmarshaling");
    return this.#take(Number(length));
  }

  skip(wire: number): void {
    if (wire === Wire.fixed32) this.#take(4);
    else if (wire === Wire.startGroup) this.#group();
    else throw new ProtobufError(`proto: illegal wireType ${wire}`);
  }

  #group(): void {
    for (let depth = 1; depth > 0;) {
      const wire = Number(this.varint() & 7n);
      if (wire === Wire.startGroup) depth++;
      else if (wire === Wire.endGroup) depth--;
      else if (wire === Wire.varint) this.varint();
      else if (wire === Wire.bytes) this.bytes();
      else this.#take(wire === Wire.fixed64 ? 8 : 4);
    }
  }

  #byte(): number {
    if (this.done) throw new ProtobufError("unexpected EOF");
    return this.#bytes[this.#at++]!;
  }

  #take(length: number): Uint8Array {
    if (this.#at + length > this.#bytes.length) throw new ProtobufError("unexpected EOF");
    const taken = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return taken;
  }
}
