/**
 * JSON patch (RFC 6902), as the server's library applies it, with its liberties: indices may be negative and count from the
 * end, replacing a member that isn't there adds it, testing one that isn't there for null holds, what stands before the
 * first slash of a path is ignored.
 */
import { StatusError } from "../api/status-error.ts";
import type { Json, JsonObject } from "../model.ts";
import { cloneJson, isObject, member, sameJson, setMember } from "./json.ts";
import { cannotUnmarshal, patchBreaksServer, patchDoesNotApply, type Patched, shownJson } from "./patched.ts";
import { sortTexts } from "./text-order.ts";

const OPERATIONS_MAX = 10_000;
/** The server writes these characters as escapes; clients mostly don't. */
const SPELLED_OTHERWISE = /[<>&\u2028\u2029]/;
const KNOWN = new Set(["op", "path", "from", "value"]);

/** `strict`: fieldValidation is Warn (the default) or Strict, where the operations' types are checked first. */
export function jsonPatch(doc: JsonObject, patch: Json, strict = true): Patched {
  const unknown = strict ? checkOperations(patch) : [];
  if (patch !== null && !Array.isArray(patch)) throw cannotUnmarshal(patch, "value of type jsonpatch.Patch");
  const operations = (patch ?? []).map((each) => {
    if (each !== null && !isObject(each)) throw cannotUnmarshal(each, "value of type jsonpatch.Operation");
    return each ?? {};
  });
  if (operations.length > OPERATIONS_MAX) {
    const message = `Request entity too large: The allowed maximum operations in a JSON patch is ${OPERATIONS_MAX}, got ${operations.length}`;
    throw new StatusError(413, "RequestEntityTooLarge", message);
  }
  const document = new Document(doc);
  for (const operation of operations) document.perform(operation);
  const value = document.result();
  return { value, unknown, shown: shownJson(value) };
}

function checkOperations(patch: Json): string[] {
  if (patch === null) return [];
  const prefix = "error decoding patch: ";
  if (!Array.isArray(patch)) throw cannotUnmarshal(patch, "value of type []handlers.jsonPatchOp", prefix);
  const unknown: string[] = [];
  patch.forEach((each, at) => {
    if (each === null) return;
    if (!isObject(each)) throw cannotUnmarshal(each, "value of type handlers.jsonPatchOp", prefix);
    for (const [name, value] of Object.entries(each)) {
      if (!KNOWN.has(name)) unknown.push(`json patch unknown field "[${at}].${name}"`);
      else if (name !== "value" && value !== null && typeof value !== "string") {
        throw cannotUnmarshal(value, `struct field jsonPatchOp.${name} of type string`, prefix);
      }
    }
  });
  return unknown;
}

type Container = JsonObject | Json[];
/** Where an operation applies: in an object or an array, under a key that may not be there. */
interface Place { readonly container: Container; readonly key: string }

/**
 * A null that an operation wrote is not the same to the server as one that was there, and a copy of such a null is an object
 * without anything in it, which falls apart when something is put into it.
 */
const WRITTEN_NULL: JsonObject = Object.freeze({});
const COPIED_NULL: JsonObject = Object.freeze({});

/** A document under change: containers are copied when they are first reached, so that the original stays as it is. */
class Document {
  #root: Container;
  readonly #own = new WeakSet<Container>();
  /** Texts that operations wrote, and that the server would have spelled otherwise. */
  readonly #spelled = new Set<string>();

  constructor(doc: JsonObject) {
    this.#root = this.#owned(doc);
  }

  /** Members of what was reached are sorted, as the server writes them. */
  result(): Container {
    return this.#sorted(this.#root) as Container;
  }

  perform(operation: JsonObject): void {
    const path = member(operation, "path");
    const value = member(operation, "value");
    switch (member(operation, "op")) {
      case "add":
        this.#add(this.#placeAt(path), this.#written(value));
        break;
      case "remove":
        remove(this.#placeAt(path));
        break;
      case "replace":
        if (path === "") this.#replaceAll(value);
        else put(this.#placeAt(path), this.#written(value));
        break;
      case "move": {
        const from = this.#placeAt(member(operation, "from"));
        const moved = get(from) ?? null;
        remove(from);
        this.#add(this.#placeAt(path), moved);
        break;
      }
      case "copy": {
        const from = this.#placeAt(member(operation, "from"));
        get(from);
        const to = this.#placeAt(path);
        const found = get(from) ?? null;
        this.#add(to, found === WRITTEN_NULL || found === COPIED_NULL ? COPIED_NULL : cloneJson(this.#sorted(found)));
        break;
      }
      case "test":
        this.#test(path, value);
        break;
      default:
        throw patchDoesNotApply();
    }
  }

  #placeAt(path: Json | undefined): Place {
    if (typeof path !== "string") throw patchDoesNotApply();
    const parts = path.split("/").map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
    if (parts.length < 2) throw patchDoesNotApply();
    let container = this.#root;
    for (const part of parts.slice(1, -1)) {
      const next = get({ container, key: part });
      if (typeof next !== "object" || next === null || next === WRITTEN_NULL) throw patchDoesNotApply();
      const own = this.#owned(next);
      if (own !== next) put({ container, key: part }, own);
      container = own;
    }
    return { container, key: parts.at(-1)! };
  }

  #owned(container: Container): Container {
    if (this.#own.has(container) || container === COPIED_NULL) return container;
    const copy = Array.isArray(container) ? [...container] : copyMembers(container);
    this.#own.add(copy);
    return copy;
  }

  #add({ container, key }: Place, value: Json): void {
    if (!Array.isArray(container)) put({ container, key }, value);
    else if (key === "-") container.push(value);
    else container.splice(indexIn(key, container.length + 1), 0, value);
  }

  #written(value: Json | undefined): Json {
    if (value === undefined) return null;
    if (value === null) return WRITTEN_NULL;
    this.#noteTexts(value);
    return value;
  }

  #noteTexts(value: Json): void {
    if (typeof value === "string") {
      if (SPELLED_OTHERWISE.test(value)) this.#spelled.add(value);
    } else if (typeof value === "object" && value !== null) for (const inner of Object.values(value)) this.#noteTexts(inner);
  }

  #replaceAll(value: Json | undefined): void {
    if (value === undefined) throw patchBreaksServer();
    if (typeof value !== "object" || value === null) throw patchDoesNotApply();
    this.#root = this.#owned(this.#written(value) as Container);
  }

  #test(path: Json | undefined, value: Json | undefined): void {
    if (path === "") {
      if (value === undefined) throw patchBreaksServer();
      if (value === null || !this.#holds(this.#root, value)) throw patchDoesNotApply();
      return;
    }
    const place = this.#placeAt(path);
    const there = get(place) ?? null;
    if (there === null) {
      if (value !== undefined && value !== null) throw patchDoesNotApply();
    } else if (there === WRITTEN_NULL) {
      if (value !== null) throw patchDoesNotApply();
    } else if (value === undefined || value === null || !this.#holds(there, value)) throw patchDoesNotApply();
    else put(place, this.#reached(there));
  }

  /** Comparing reaches everything beneath. */
  #reached(value: Json): Json {
    if (typeof value !== "object" || value === null || value === COPIED_NULL) return value;
    const own = this.#owned(value);
    if (Array.isArray(own)) own.forEach((item, at) => void (own[at] = this.#reached(item)));
    else for (const name of Object.keys(own)) setMember(own, name, this.#reached(member(own, name)!));
    return own;
  }

  /** Texts are compared as they are spelled in JSON, and the server spells some characters in its own way. */
  #holds(there: Json, wanted: Json): boolean {
    if (there === WRITTEN_NULL) return false;
    if (typeof there !== "object" || there === null) {
      return sameJson(there, wanted) && (typeof there !== "string" || !SPELLED_OTHERWISE.test(there) || this.#spelled.has(there));
    }
    if (Array.isArray(there)) {
      if (!Array.isArray(wanted) || there.length !== wanted.length) return false;
      return there.every((item, at) => {
        if (item === null || wanted[at] === null) throw patchBreaksServer();
        return this.#holds(item, wanted[at]!);
      });
    }
    if (!isObject(wanted) || Object.keys(there).length !== Object.keys(wanted).length) return false;
    return Object.keys(there).every((name) => {
      const other = member(wanted, name);
      const own = member(there, name)!;
      return other !== undefined && (own === null || other === null ? own === other : this.#holds(own, other));
    });
  }

  #sorted(value: Json): Json {
    if (value === WRITTEN_NULL || value === COPIED_NULL) return null;
    if (typeof value !== "object" || value === null || !this.#own.has(value)) return value;
    if (Array.isArray(value)) return value.map((item) => this.#sorted(item));
    const sorted: JsonObject = {};
    for (const name of sortTexts(Object.keys(value))) setMember(sorted, name, this.#sorted(member(value, name)!));
    return sorted;
  }
}

function copyMembers(object: JsonObject): JsonObject {
  const copy: JsonObject = {};
  for (const name of Object.keys(object)) {
    const found = member(object, name);
    if (found !== undefined) setMember(copy, name, found);
  }
  return copy;
}

/** Undefined for a member that isn't there. */
function get({ container, key }: Place): Json | undefined {
  return Array.isArray(container) ? container[indexIn(key, container.length)] : member(container, key);
}

function put({ container, key }: Place, value: Json): void {
  if (container === COPIED_NULL) throw patchBreaksServer();
  if (Array.isArray(container)) container[indexIn(key, container.length)] = value;
  else setMember(container, key, value);
}

function remove({ container, key }: Place): void {
  if (Array.isArray(container)) container.splice(indexIn(key, container.length), 1);
  else if (member(container, key) === undefined) throw patchDoesNotApply();
  else delete container[key];
}

/** Below `limit`; negative ones count from the end. */
function indexIn(key: string, limit: number): number {
  const index = /^[+-]?[0-9]+$/.test(key) ? Number(key) : Number.NaN;
  if (!(index < limit && index >= -limit)) throw patchDoesNotApply();
  return index < 0 ? index + limit : index;
}
