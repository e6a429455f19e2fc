/**
 * The walk of `decode.ts`: one pass over a value along its type, making the copy that the server would keep.
 *
 * Go's rules for errors: the first wrong type is remembered and decoding goes on; a type with a decoder of its own (time,
 * quantity) ends it at once; unknown fields only count when nothing else was wrong.
 */
import type { Json, JsonObject } from "../model.ts";
import { canonicalBase64, Base64Error } from "./base64-text.ts";
import { KEPT_DEPTH_MAX, TOO_DEEP, type Member, type Oddities } from "./go-json.ts";
import { inOrder, isDeeper, isEmpty, isInt32, isInt64, kindOf, quantityText, setMember } from "./json-values.ts";
import { DecodeError, Problems } from "./problems.ts";
import { Code, type Node, type Program, type Step } from "./program.ts";
import { canonicalQuantity, QuantityError } from "./quantity-text.ts";
import { mergeMembers } from "./repeated-members.ts";
import { canonicalMicroTime, canonicalTime, TimeError } from "./time-text.ts";
import { zeroItem, zeroOf } from "./zero.ts";

/** Fields within fields: only schemas within schemas can be deeper, and the engine's stack must hold them. */
const DEPTH_MAX = 300;

export class Decoder {
  readonly #odd: Oddities | undefined;
  readonly #problems: Problems;
  readonly #keepsLost: boolean;

  /** Levels around this decoder's value. */
  readonly #depth: number;

  /**
   * `root`: where in the body the value stands, for the paths of what goes to `unknown`. `keepsLost`: what no storage holds is
   * kept where it is given, for objects whose defaults have put it back.
   */
  constructor(odd: Oddities | undefined, unknown: string[], root: string, keepsLost = false, depth = 0) {
    this.#odd = odd;
    this.#depth = depth;
    this.#keepsLost = keepsLost;
    this.#problems = new Problems(unknown, root);
  }

  /** Throws DecodeError. */
  decode(value: Json, program: Program): JsonObject {
    const decoded = typeof value === "object" && value !== null && !Array.isArray(value)
      ? this.#structOf(value, program)
      : this.#wrongRoot(value, program);
    if (this.#problems.saved !== undefined) throw this.#problems.saved;
    return decoded;
  }

  #wrongRoot(value: Json, program: Program): JsonObject {
    if (value !== null) this.#problems.wrong(value, `v1.${program.name}`);
    return {};
  }

  #structOf(value: JsonObject, program: Program): JsonObject {
    if (this.#depth + this.#problems.path.length > DEPTH_MAX) throw new DecodeError(TOO_DEEP);
    const outer = this.#problems.struct;
    this.#problems.struct = program;
    const { steps, byName } = program;
    const found = new Array<Json | undefined>(steps.length);
    const repeated = this.#odd?.members.get(value);
    let source = value;
    if (repeated !== undefined) {
      // Once is enough: twice on every level would be without end.
      if (this.#problems.muted === 0) this.#complainOfEach(repeated, program);
      source = mergeMembers(value, program, this.#odd!);
      this.#problems.muted++;
    }
    for (const key in source) {
      const step = byName.get(key);
      if (step === undefined) {
        this.#problems.complain("unknown field", key);
        continue;
      }
      const member = source[key] as Json;
      // Null leaves everything as it was: absent. Undefined is in objects that the cluster's own parts put together.
      if (member !== null && member !== undefined) found[step.index] = this.#field(member, step, source);
    }
    if (repeated !== undefined) this.#problems.muted--;
    this.#problems.struct = outer;
    const made: JsonObject = {};
    for (let i = 0; i < found.length; i++) {
      const member = found[i];
      const step = steps[i]!;
      if (member !== undefined && (!step.lost || this.#keepsLost)) made[step.name] = member;
      else if (step.always) made[step.name] = step.pointer ? null : zeroOf(step.node);
    }
    return made;
  }

  /** Undefined: as if it were not there. */
  #field(value: Json, step: Step, parent: object): Json | undefined {
    const { node, omitEmpty } = step;
    switch (node.code) {
      case Code.string:
        if (typeof value !== "string") break;
        return omitEmpty && value === "" ? undefined : value;
      case Code.boolean:
        if (typeof value !== "boolean") break;
        return omitEmpty && !value ? undefined : value;
    }
    this.#problems.path.push(step);
    const decoded = this.#value(value, node, parent, step.name);
    this.#problems.path.pop();
    // Stored as protobuf, where an empty list or map is none.
    return (omitEmpty || node.code === Code.list || node.code === Code.map) && isEmpty(decoded) ? undefined : decoded;
  }

  /** `parent` and `key` say where the value stands, for what is known of it beside the value. */
  #value(value: Json, node: Node, parent: object, key: string | number): Json | undefined {
    switch (node.code) {
      case Code.string:
        return typeof value === "string" ? value : this.#problems.wrong(value, node.go);
      case Code.boolean:
        return typeof value === "boolean" ? value : this.#problems.wrong(value, node.go);
      case Code.int32:
      case Code.int64:
        return this.#integer(value, node, this.#literal(parent, key));
      case Code.double:
        return this.#double(value, node, this.#literal(parent, key));
      case Code.struct:
        return typeof value === "object" && !Array.isArray(value) ? this.#structOf(value as JsonObject, node.program()) : this.#problems.wrong(value, node.go);
      case Code.list:
        return Array.isArray(value) ? this.#list(value, node.item!) : this.#problems.wrong(value, node.go);
      case Code.map:
        return typeof value === "object" && !Array.isArray(value) ? this.#map(value as JsonObject, node.item!) : this.#problems.wrong(value, node.go);
      case Code.bytes:
        return this.#bytes(value, node);
      case Code.any:
        if (this.#odd !== undefined && this.#odd.depth > KEPT_DEPTH_MAX && isDeeper(value, KEPT_DEPTH_MAX)) throw new DecodeError(TOO_DEEP);
        return value;
      default:
        return this.#special(value, node, parent, key);
    }
  }

  /** Types that have their own decoder in Go: what they refuse ends it all. */
  #special(value: Json, node: Node, parent: object, key: string | number): Json | undefined {
    switch (node.code) {
      case Code.quantity:
        return this.#hard(() => canonicalQuantity(quantityText(value, this.#literal(parent, key))));
      case Code.time:
        return typeof value === "string" ? this.#hard(() => canonicalTime(value)) : this.#problems.abort(value, "string");
      case Code.microTime:
        return typeof value === "string" ? this.#hard(() => canonicalMicroTime(value)) : this.#problems.abort(value, "string");
      case Code.intOrString: {
        if (typeof value === "string") return value;
        const literal = this.#literal(parent, key);
        return isInt32(value) && literal === undefined ? value : this.#problems.abort(value, "int32", literal);
      }
      default:
        return this.#schema(value, node);
    }
  }

  #schema(value: Json, node: Node): Json | undefined {
    if (typeof value === "object" && !Array.isArray(value)) return this.#nested(() => this.#inner().decode(value, node.program()));
    if (node.code === Code.schemaOrBool) {
      if (typeof value === "boolean") return value;
      throw new DecodeError("boolean or JSON schema expected");
    }
    if (!Array.isArray(value) || value.length === 0) return null;
    if (node.code === Code.schemaOrArray) {
      return value.map((item) => this.#nested(() => this.#inner().decode(item ?? {}, node.program())));
    }
    const wrong = value.find((item) => typeof item !== "string");
    return wrong === undefined ? value : this.#problems.abort(wrong, "string");
  }

  /** Nobody is told what is unknown or repeated in there. */
  #inner(): Decoder {
    return new Decoder(this.#odd, [], "", this.#keepsLost, this.#depth + this.#problems.path.length);
  }

  /** A decoder within the decoder: its errors get the path of the outer one in front. */
  #nested(decode: () => JsonObject): JsonObject {
    try {
      return decode();
    } catch (error) {
      if (error instanceof DecodeError && error.what !== undefined) throw this.#problems.typeError(error.what.value, error.what.goType, error.what.path);
      throw error;
    }
  }

  #list(items: readonly Json[], item: Node): Json {
    const decoded = new Array<Json>(items.length);
    this.#problems.path.push(0);
    for (let i = 0; i < items.length; i++) {
      this.#problems.path[this.#problems.path.length - 1] = i;
      const value = items[i]!;
      decoded[i] = (value === null ? undefined : this.#value(value, item, items, i)) ?? zeroItem(item);
    }
    this.#problems.path.pop();
    return decoded;
  }

  #map(value: JsonObject, item: Node): Json {
    const decoded: JsonObject = {};
    const repeated = this.#odd?.members.get(value);
    if (repeated !== undefined) this.#repeatedKeys(repeated, item);
    this.#problems.path.push("");
    const keys = Object.keys(value);
    // What is wrong is said in the order of the text; what is written again is sorted.
    const members = new Map<string, Json>();
    for (const key of keys) {
      this.#problems.path[this.#problems.path.length - 1] = key;
      const member = value[key] as Json;
      members.set(key, (member === null ? undefined : typeof member === "string" && item.code === Code.string ? member : this.#value(member, item, value, key)) ?? zeroItem(item));
    }
    this.#problems.path.pop();
    for (const key of inOrder(keys)) setMember(decoded, key, members.get(key)!);
    if (repeated !== undefined) this.#problems.muted--;
    return decoded;
  }

  #integer(value: Json, node: Node, literal: string | undefined): Json | undefined {
    if (typeof value !== "number" && typeof value !== "bigint") return this.#problems.wrong(value, node.go);
    if (literal === undefined && (node.code === Code.int32 ? isInt32(value) : isInt64(value))) return value === 0 ? 0 : value;
    return this.#problems.saveType(`number ${literal ?? String(value)}`, node.go);
  }

  #double(value: Json, node: Node, literal: string | undefined): Json | undefined {
    if (typeof value !== "number" && typeof value !== "bigint") return this.#problems.wrong(value, node.go);
    const number = Number(value);
    return Number.isFinite(number) ? number : this.#problems.saveType(`number ${literal ?? String(value)}`, node.go);
  }

  #bytes(value: Json, node: Node): Json | undefined {
    if (typeof value === "string") {
      try {
        return canonicalBase64(value);
      } catch (error) {
        if (!(error instanceof Base64Error)) throw error;
        this.#problems.save(error.message);
        return undefined;
      }
    }
    return Array.isArray(value) ? this.#byteList(value) : this.#problems.wrong(value, node.go);
  }

  /** Go takes a list of numbers for bytes, too. */
  #byteList(values: readonly Json[]): Json | undefined {
    const octets = values.map((value) => {
      if (value === null) return 0;
      if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value < 256) return value;
      this.#problems.saveType(typeof value === "number" ? `number ${value}` : kindOf(value), "uint8");
      return 0;
    });
    return canonicalBase64(btoa(String.fromCharCode(...octets)));
  }

  #literal(parent: object, key: string | number): string | undefined {
    return this.#odd === undefined ? undefined : this.#odd.literals.get(parent)?.get(key);
  }

  /** Of members that are given twice: what is wrong with each is said where it stands. */
  #complainOfEach(members: readonly Member[], program: Program): void {
    const seen = new Set<string>();
    for (const [key, member, literal] of members) {
      const step = program.byName.get(key);
      if (step === undefined) {
        this.#problems.complain("unknown field", key);
        continue;
      }
      if (seen.has(key)) this.#problems.complain("duplicate field", key);
      if (member !== null) this.#field(member, step, this.#parentOf(key, literal));
      seen.add(key);
    }
  }

  /** A map's keys, some given twice: the last one counts. */
  #repeatedKeys(members: readonly Member[], item: Node): void {
    const seen = new Set<string>();
    for (const [key, member, literal] of this.#problems.muted > 0 ? [] : members) {
      if (seen.has(key)) this.#problems.complain("duplicate field", key);
      seen.add(key);
      this.#problems.path.push(key);
      if (member !== null) this.#value(member, item, this.#parentOf(key, literal), key);
      this.#problems.path.pop();
    }
    this.#problems.muted++;
  }

  /** Stands for the object that holds a member, where that has the literal of another member of the same key. */
  #parentOf(key: string, literal: string | undefined): object {
    const parent = {};
    if (literal !== undefined) this.#odd!.literals.set(parent, new Map([[key, literal]]));
    return parent;
  }

  #hard(canonical: () => string | undefined): Json {
    try {
      // Go writes the zero time as null.
      return canonical() ?? null;
    } catch (error) {
      if (error instanceof QuantityError || error instanceof TimeError) throw new DecodeError(error.message);
      throw error;
    }
  }
}
