/**
 * Lists: quorum reads of a collection, in pages, each object extracted as it is found in the response.
 */
import type { ApiRequest, ApiResponse, Platform, Transport } from "../platform/platform.ts";
import { collectionPath, send, withQuery } from "./api.ts";
import { ApiError, keyOf, type ObjectKey } from "./contracts.ts";
import { MalformedObjectError, type Extractor } from "./extractor.ts";
import { JsonCursor } from "./json/cursor.ts";
import type { Recipe, StoredObject } from "./object.ts";

export interface ListScope {
  /** Undefined: all namespaces. */
  readonly namespace: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly labelSelector?: string | undefined;
}

export interface Listed {
  resourceVersion: string;
  objects: StoredObject[];
  /** One sentence for each object that could not be read. */
  malformed: string[];
  /** Keys of those among them that have a name. */
  malformedKeys: Set<ObjectKey>;
}

export interface Lister {
  readonly transport: Transport;
  readonly platform: Platform;
  readonly extractor: Extractor;
  /** Objects per page. */
  readonly pageSize: number;
}

export interface ListCall {
  readonly recipe: Recipe;
  readonly scope: ListScope;
  readonly before: (key: ObjectKey) => StoredObject | undefined;
  /** Keep the bytes, for projections that nobody registered. */
  readonly fresh: boolean;
  /** Give up beyond this many objects. */
  readonly limit?: number;
}

/** How often a paged list starts over when its snapshot is compacted away, before it asks for everything at once. */
const PAGED_TRIES = 2;

/**
 * Lists everything in scope at one resourceVersion. No `resourceVersion` is sent: that asks for the latest state, as a
 * quorum of etcd has it; `resourceVersion=0` would be whatever some API server happens to remember.
 * Throws ApiError, TransportError, JsonScanError, ListTooLargeError.
 */
export async function listAll(lister: Lister, call: ListCall): Promise<Listed> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await listPages(lister, call, attempt <= PAGED_TRIES ? lister.pageSize : undefined);
    } catch (error) {
      // The pages already read belong to a state that can't be continued.
      if (!(error instanceof ApiError) || error.status !== 410 || attempt > PAGED_TRIES) throw error;
    }
  }
}

/** A list was asked for with a limit, and there is more. It is not cut: a part would look like the whole. */
export class ListTooLargeError extends Error {
  constructor(kind: string, limit: number) {
    super(`more than ${limit} objects of kind ${kind} match: narrow the selector or raise the limit`);
    this.name = "ListTooLargeError";
  }
}

/** The resourceVersion of a list of one: as far as the API server is, whatever there is to list. */
export async function currentVersion(lister: Lister, recipe: Recipe, namespace: string | undefined): Promise<string> {
  const path = withQuery(collectionPath(recipe.kind, namespace), { limit: 1 });
  const { body } = await send(lister.transport, lister.platform.text, { method: "GET", path, accept: "application/json" });
  return readPage(lister, { recipe, scope: { namespace }, before: () => undefined, fresh: true }, body, { resourceVersion: "", objects: [], malformed: [], malformedKeys: new Set() }).resourceVersion;
}

async function listPages(lister: Lister, call: ListCall, pageSize: number | undefined): Promise<Listed> {
  const { recipe, scope } = call;
  const listed: Listed = { resourceVersion: "", objects: [], malformed: [], malformedKeys: new Set() };
  let next = "";
  do {
    const limit = call.limit === undefined ? pageSize : Math.min(call.limit + 1, pageSize ?? Infinity);
    const path = withQuery(collectionPath(recipe.kind, scope.namespace), {
      limit, continue: next === "" ? undefined : next, fieldSelector: scope.fieldSelector, labelSelector: scope.labelSelector,
    });
    const request: ApiRequest = { method: "GET", path, accept: "application/json" };
    const page: ApiResponse = await send(lister.transport, lister.platform.text, request);
    const head = readPage(lister, call, page.body, listed);
    listed.resourceVersion = head.resourceVersion;
    next = head.next;
    if (call.limit !== undefined && listed.objects.length + listed.malformed.length > call.limit) throw new ListTooLargeError(recipe.kind.kind, call.limit);
  } while (next !== "");
  return listed;
}

/** Adds the items of one response to `listed`. `metadata` comes before the items or behind them. */
function readPage(lister: Lister, call: ListCall, body: Uint8Array, listed: Listed): { resourceVersion: string; next: string } {
  const { text } = lister.platform;
  const cursor = new JsonCursor(plainBytes(body));
  const head = { resourceVersion: "", next: "" };
  cursor.enterObject();
  while (cursor.nextMember()) {
    const key = cursor.key(text);
    if (key === "items" && cursor.atList()) {
      cursor.enterList();
      while (cursor.nextItem()) readItem(lister, call, cursor, listed);
    } else if (key === "metadata") {
      const metadata = cursor.parse(text) as { resourceVersion?: string; continue?: string };
      head.resourceVersion = metadata.resourceVersion ?? "";
      head.next = metadata.continue ?? "";
    } else {
      cursor.skip();
    }
  }
  if (head.resourceVersion === "") throw new MalformedObjectError(`the list of ${call.recipe.kind.plural} has no resourceVersion`);
  return head;
}

function readItem(lister: Lister, call: ListCall, cursor: JsonCursor, listed: Listed): void {
  const start = cursor.pos;
  try {
    listed.objects.push(lister.extractor.extract(call.recipe, cursor, call.before, call.fresh));
  } catch (error) {
    if (!(error instanceof MalformedObjectError)) throw error;
    cursor.pos = start;
    const item = cursor.parse(lister.platform.text) as { metadata?: { name?: unknown; namespace?: unknown } } | null;
    const { name, namespace } = item?.metadata ?? {};
    if (typeof name === "string") listed.malformedKeys.add(keyOf(typeof namespace === "string" ? namespace : undefined, name));
    listed.malformed.push(error.message);
  }
}

/** The same memory as a plain Uint8Array: the scanner's loops stay on one hidden class, whatever a platform hands in. */
export function plainBytes(bytes: Uint8Array): Uint8Array {
  return bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
