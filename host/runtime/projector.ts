/**
 * Writes the projection of an object as text, straight from the server's own bytes.
 *
 * Keys stay in the server's order and values in its spelling (integers keep all their digits); only undeclared fields and
 * insignificant white space go. `apiVersion` and `kind` come first, from the kind that is watched: the items of a list
 * lack them, and the same object must give the same text however it arrived.
 */
import type { KindRef } from "../../bindings/protocol/manifest.ts";
import type { TextCodec } from "../platform/platform.ts";
import { CREATED_AS } from "./apply/created.ts";
import type { JsonCursor } from "./json/cursor.ts";
import { KeyTable } from "./json/keys.ts";
import { COLON, COMMA, DEPTH_MAX, JsonScanError, LIST_CLOSE, LIST_OPEN, OBJECT_CLOSE, OBJECT_OPEN } from "./json/scan.ts";
import { JsonSink } from "./json/sink.ts";
import type { CompiledProjection, Shape } from "./projection.ts";
import { LAST_APPLIED, type SecretHasher } from "./secrets.ts";

export class Projector {
  readonly #text: TextCodec;
  readonly #secrets: SecretHasher;
  readonly #sink: JsonSink;
  readonly #openings = new WeakMap<KindRef, Uint8Array>();

  constructor(text: TextCodec, secrets: SecretHasher) {
    this.#text = text;
    this.#secrets = secrets;
    this.#sink = new JsonSink(text);
  }

  /** The text of the object at the cursor, which moves behind it. Throws JsonScanError. */
  project(projection: CompiledProjection, kind: KindRef, cursor: JsonCursor): string {
    const sink = this.#sink;
    const opening = this.#openingOf(kind);
    sink.clear();
    sink.copy(opening, 0, opening.length);
    this.#members(projection.root, cursor, 0, false);
    sink.byte(OBJECT_CLOSE);
    return sink.take();
  }

  #openingOf(kind: KindRef): Uint8Array {
    let opening = this.#openings.get(kind);
    if (opening === undefined) {
      opening = new Uint8Array(this.#text.encodeUtf8(`{"apiVersion":${JSON.stringify(kind.apiVersion)},"kind":${JSON.stringify(kind.kind)}`));
      this.#openings.set(kind, opening);
    }
    return opening;
  }

  /** Writes what `shape` wants of the value. One of another type than declared is copied as it is: the core's codec names it. */
  #value(shape: Shape, cursor: JsonCursor, depth: number): void {
    if (depth > DEPTH_MAX) throw new JsonScanError(cursor.pos, `more than ${DEPTH_MAX} levels of nesting`);
    if (shape.kind === "secretData") {
      this.#secrets.write(cursor, this.#sink);
    } else if (shape.kind === "list" && cursor.atList()) {
      this.#items(shape.inner!, cursor, depth);
    } else if (shape.kind !== "verbatim" && shape.kind !== "list" && cursor.atObject()) {
      this.#sink.byte(OBJECT_OPEN);
      this.#members(shape, cursor, depth, true);
      this.#sink.byte(OBJECT_CLOSE);
    } else {
      cursor.pos = this.#sink.value(cursor.bytes, cursor.pos);
    }
  }

  #items(shape: Shape, cursor: JsonCursor, depth: number): void {
    this.#sink.byte(LIST_OPEN);
    cursor.enterList();
    for (let first = true; cursor.nextItem(); first = false) {
      if (!first) this.#sink.byte(COMMA);
      this.#value(shape, cursor, depth + 1);
    }
    this.#sink.byte(LIST_CLOSE);
  }

  #members(shape: Shape, cursor: JsonCursor, depth: number, isFirst: boolean): void {
    cursor.enterObject();
    let first = isFirst;
    while (cursor.nextMember()) {
      const inner = this.#member(shape, cursor);
      if (inner === undefined) {
        cursor.skip();
        continue;
      }
      if (!first) this.#sink.byte(COMMA);
      first = false;
      this.#sink.copy(cursor.bytes, cursor.keyStart - 1, cursor.keyEnd + 1);
      this.#sink.byte(COLON);
      this.#value(inner, cursor, depth + 1);
    }
  }

  /** The shape of the member at the cursor; undefined when it is not wanted. */
  #member(shape: Shape, cursor: JsonCursor): Shape | undefined {
    if (shape.kind === "map") return shape.inner;
    if (shape.kind === "annotations" || shape.kind === "secretAnnotations") return this.#annotation(shape, cursor);
    shape.table ??= new KeyTable(shape.fields!, this.#text);
    return shape.table.find(cursor);
  }

  #annotation(shape: Shape, cursor: JsonCursor): Shape | undefined {
    const key = cursor.key(this.#text);
    return key === CREATED_AS || (key === LAST_APPLIED && shape.kind === "secretAnnotations") ? undefined : PLAIN;
  }
}

const PLAIN: Shape = { kind: "verbatim", fields: undefined, inner: undefined, table: undefined };
