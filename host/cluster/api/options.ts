/**
 * The options of a request, from its query, checked in the real server's words.
 */
import { FieldErrors } from "./field-errors.ts";
import { longerThan } from "./names.ts";
import type { Query } from "./query.ts";
import { parseSelectors, type Selectors } from "./selection.ts";
import { badRequest } from "./status-error.ts";

export type FieldValidation = "Ignore" | "Warn" | "Strict";

export interface WriteOptions {
  readonly dryRun: boolean;
  /** "" where the client named none. */
  readonly fieldManager: string;
  readonly fieldValidation: FieldValidation;
}

const META_GROUP = "meta.k8s.io";
const MANAGER_BYTES_MAX = 128;
const NO_OPTIONS: WriteOptions = { dryRun: false, fieldManager: "", fieldValidation: "Warn" };

export function writeOptions(kind: "CreateOptions" | "UpdateOptions", query: Query): WriteOptions {
  if (query.isEmpty) return NO_OPTIONS;
  const errors = new FieldErrors();
  const options = readWriteOptions(query, errors);
  if (!errors.empty) throw errors.toStatusError(META_GROUP, kind, "");
  return options;
}

export function patchOptions(query: Query, apply: boolean): WriteOptions & { readonly force: boolean } {
  const errors = new FieldErrors();
  const force = query.optionalFlag("force");
  if (apply && query.text("fieldManager") === "") errors.required("fieldManager", "is required for apply patch");
  if (!apply && force !== undefined) errors.forbidden("force", "may not be specified for non-apply patch");
  const options = readWriteOptions(query, errors);
  if (!errors.empty) throw errors.toStatusError(META_GROUP, "PatchOptions", "");
  return { ...options, force: force ?? false };
}

function readWriteOptions(query: Query, errors: FieldErrors): WriteOptions {
  const fieldManager = query.text("fieldManager");
  checkFieldManager(fieldManager, errors);
  const dryRun = checkDryRun(query.all("dryRun"), errors);
  const fieldValidation = query.text("fieldValidation");
  if (!["", "Ignore", "Strict", "Warn"].includes(fieldValidation)) errors.notSupported("fieldValidation", fieldValidation, ["", "Ignore", "Strict", "Warn"]);
  return { dryRun, fieldManager, fieldValidation: (fieldValidation || "Warn") as FieldValidation };
}

const UNPRINTABLE = /[\p{C}\p{Z}]/u;

function checkFieldManager(manager: string, errors: FieldErrors): void {
  if (longerThan(manager, MANAGER_BYTES_MAX)) errors.tooLong("fieldManager", MANAGER_BYTES_MAX);
  let position = 0;
  for (const character of manager) {
    const code = character.codePointAt(0)!;
    if (character !== " " && UNPRINTABLE.test(character)) {
      errors.invalid("fieldManager", manager, `invalid character U+${code.toString(16).toUpperCase().padStart(4, "0")} (at position ${position})`);
    }
    position += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
}

export function checkDryRun(values: readonly string[], errors: FieldErrors): boolean {
  if (values.some((each) => each !== "All")) errors.notSupported("dryRun", [...values], ["All"]);
  return values.length > 0;
}

/** What a client without a manager's name is called: its user agent up to the first slash, in printable characters. */
export function managerOfUserAgent(userAgent: string): string {
  let manager = "";
  for (const character of userAgent.split("/", 1)[0]!) {
    if (character !== " " && UNPRINTABLE.test(character)) continue;
    if (longerThan(manager + character, MANAGER_BYTES_MAX)) break;
    manager += character;
  }
  return manager;
}

export interface ListOptions {
  readonly selectors: Selectors;
  readonly watch: boolean;
  readonly bookmarks: boolean;
  readonly resourceVersion: string;
  readonly match: string;
  readonly timeoutSeconds: number;
  readonly limit: number;
  readonly continue: string;
  readonly sendInitialEvents: boolean | undefined;
}

export function listOptions(query: Query, watch: boolean): ListOptions {
  const resourceVersion = query.text("resourceVersion");
  let match = query.text("resourceVersionMatch");
  let sendInitialEvents = query.optionalFlag("sendInitialEvents");
  if (sendInitialEvents === undefined && match === "" && watch && (resourceVersion === "" || resourceVersion === "0")) {
    sendInitialEvents = true;
    match = "NotOlderThan";
  }
  const [timeoutSeconds, limit] = [query.integer("timeoutSeconds") ?? 0, query.integer("limit") ?? 0];
  const options: ListOptions = {
    selectors: parseSelectors(query.text("labelSelector"), query.text("fieldSelector")), watch, bookmarks: query.flag("allowWatchBookmarks"),
    resourceVersion, match, timeoutSeconds, limit,
    continue: query.text("continue"), sendInitialEvents,
  };
  const errors = new FieldErrors();
  if (watch) checkWatch(options, errors);
  else checkList(options, errors);
  if (!errors.empty) throw errors.toStatusError(META_GROUP, "ListOptions", "");
  return options;
}

function checkList({ match, resourceVersion, continue: token, sendInitialEvents }: ListOptions, errors: FieldErrors): void {
  if (match !== "") {
    if (resourceVersion === "") errors.forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden unless resourceVersion is provided");
    if (token !== "") errors.forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided");
    if (match !== "Exact" && match !== "NotOlderThan") errors.notSupported("resourceVersionMatch", match, ["Exact", "NotOlderThan", ""]);
    if (match === "Exact" && resourceVersion === "0") errors.forbidden("resourceVersionMatch", `resourceVersionMatch "exact" is forbidden for resourceVersion "0"`);
  }
  if (sendInitialEvents !== undefined) errors.forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list");
}

function checkWatch({ match, continue: token, sendInitialEvents }: ListOptions, errors: FieldErrors): void {
  if (sendInitialEvents !== undefined && match !== "NotOlderThan") errors.forbidden("resourceVersionMatch", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
  if (match === "") return;
  if (sendInitialEvents === undefined) errors.forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
  if (match !== "NotOlderThan") errors.notSupported("resourceVersionMatch", match, ["NotOlderThan"]);
  if (token !== "") errors.forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided");
}

/** What a table's rows carry of their objects. Throws the 400. */
export function includeObjectOf(query: Query): "None" | "Metadata" | "Object" {
  const value = query.text("includeObject");
  if (value === "") return "Metadata";
  if (value === "None" || value === "Metadata" || value === "Object") return value;
  throw badRequest(`Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(value)}: must be 'Metadata', 'Object', 'None', or empty`);
}
