/**
 * What is wrong with a body, while it is walked: where the walk is, the first type error, the unknown and repeated fields.
 */
import type { Json } from "../model.ts";
import { goQuote } from "./go-json.ts";
import { kindOf } from "./json-values.ts";
import type { Program, Step } from "./program.ts";

/** The message is Go's. */
export class DecodeError extends Error {
  /** Of a type error: what a decoder around this one needs to put its own path in front. */
  readonly what: { readonly value: string; readonly path: readonly string[]; readonly goType: string } | undefined;
  constructor(message: string, what?: DecodeError["what"]) {
    super(message);
    this.name = "DecodeError";
    this.what = what;
  }
}

/** More problems than these are not listed. */
const UNKNOWN_MAX = 100;

export class Problems {
  /** From the root: struct fields, list indices, map keys. */
  readonly path: (Step | number | string)[] = [];
  /** The struct whose fields are being decoded. */
  struct: Program | undefined = undefined;
  saved: DecodeError | undefined = undefined;
  /** Above 0: what is unknown or repeated has been said already. */
  muted = 0;
  readonly #unknown: string[];
  readonly #root: string;
  readonly #quote: (path: string) => string;

  /**
   * `root`: where in the body the value stands; "" for the body itself. Unknown and repeated fields are added to `unknown`.
   * Parts of custom resources are not quoted as Go quotes, whatever is in their names.
   */
  constructor(unknown: string[], root: string) {
    this.#unknown = unknown;
    this.#root = root;
    this.#quote = root === "" ? goQuote : (path) => `"${path}"`;
  }

  complain(what: "unknown field" | "duplicate field", key: string): void {
    if (this.muted > 0 || this.#unknown.length >= UNKNOWN_MAX) return;
    let path = this.#root;
    for (const part of this.path) path += typeof part === "number" ? `[${part}]` : `.${typeof part === "string" ? part : part.name}`;
    const problem = `${what} ${this.#quote(`${path}.${key}`.replace(/^\./, ""))}`;
    if (!this.#unknown.includes(problem)) this.#unknown.push(problem);
  }

  /** Remembered unless there was one before. Gives undefined: the value is as if it were not there. */
  save(message: string): undefined {
    this.saved ??= new DecodeError(message);
  }
  saveType(value: string, goType: string): undefined {
    this.saved ??= this.typeError(value, goType);
  }
  wrong(value: Json, goType: string): undefined {
    this.saveType(kindOf(value), goType);
  }

  /** For a type with a decoder of its own, whose refusal ends the decoding. */
  abort(value: Json, goType: string, literal?: string): never {
    const isNumber = typeof value === "number" || typeof value === "bigint";
    throw this.typeError(isNumber && goType === "int32" ? `number ${literal ?? String(value)}` : kindOf(value), goType);
  }

  typeError(value: string, goType: string, inner: readonly string[] = []): DecodeError {
    const path = [...this.path.flatMap((part) => (typeof part === "object" ? [...part.embedded, part.name] : [])), ...inner];
    const where = this.struct === undefined ? `Go value of type ${goType}` : `Go struct field ${this.struct.name}.${path.join(".")} of type ${goType}`;
    return new DecodeError(`json: cannot unmarshal ${value} into ${where}`, { value, path, goType });
  }
}
