/**
 * Which objects a list, a watch or a deletion of many is about: by namespace, labels and fields.
 */
import type { Kind } from "../kinds/kind.ts";
import type { ClusterObject } from "../model.ts";
import { parseLabelSelector } from "./label-selector.ts";
import { labelName, pathSegment } from "./names.ts";
import { badRequest, type StatusError } from "./status-error.ts";

export interface Selection {
  /** "": all. */
  readonly namespace: string;
  /** The one name asked for, if it is only one. */
  readonly name: string | undefined;
  /** Neither labels nor fields are asked for. */
  readonly everything: boolean;
  matches(object: ClusterObject): boolean;
}

/** `nameInPath`: the path names an object, as old watches do. Throws the 400 of a selector that makes no sense. */
export function selectionOf(kind: Kind, namespace: string, labelSelector: string, fieldSelector: string, nameInPath?: string): Selection {
  const labels = labelSelector === "" ? undefined : parseLabelSelector(labelSelector);
  const terms = fieldTerms(kind, fieldSelector);
  if (nameInPath !== undefined) {
    if (terms.length > 0 && terms.every(({ path, equal, value }) => path !== "metadata.name" || !equal || value !== nameInPath)) throw badRequest("fieldSelector metadata.name doesn't match requested name");
    terms.push({ path: "metadata.name", value: nameInPath, equal: true, read: nameOf });
  }
  const exact = (wanted: string): string | undefined => terms.find(({ path, equal }) => path === wanted && equal)?.value;
  const [name, inNamespace] = [exact("metadata.name"), exact("metadata.namespace")];
  const narrowed = namespace === "" && kind.namespaced && inNamespace !== undefined && labelName(inNamespace, false).length === 0;
  return {
    namespace: narrowed ? inNamespace : namespace,
    name: name !== undefined && name !== "" && pathSegment(name, false).length === 0 ? name : undefined,
    everything: labels === undefined && terms.length === 0,
    matches: (object) => (labels === undefined || labels(object.metadata.labels)) && terms.every(({ read, value, equal }) => (read(object) === value) === equal),
  };
}

interface Term { readonly path: string; readonly value: string; readonly equal: boolean; read(object: ClusterObject): string }

const nameOf = (object: ClusterObject): string => object.metadata.name;
const namespaceOf = (object: ClusterObject): string => object.metadata.namespace ?? "";

function fieldTerms(kind: Kind, selector: string): Term[] {
  if (selector === "") return [];
  const terms = splitTerms(selector).sort().filter((part) => part !== "").map((part) => {
    const found = /^(.*?)(!=|==|=)(.*)$/s.exec(part);
    if (found === null) throw badRequest(`invalid selector: '${selector}'; can't understand '${part}'`);
    const [, path, operator, value] = found as unknown as [string, string, string, string];
    return { path, value: unescaped(value), equal: operator !== "!=" };
  });
  // "metadata.name=" is no condition that anything could meet; it is looked at all the same.
  return terms.map(({ path, value, equal }) => ({ path, value, equal, read: readerOf(kind, path) }));
}

function splitTerms(selector: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let n = 0; n < selector.length; n++) {
    if (selector[n] === "\\") n++;
    else if (selector[n] === ",") {
      parts.push(selector.slice(start, n));
      start = n + 1;
    }
  }
  return [...parts, selector.slice(start)];
}

function unescaped(value: string): string {
  if (!/[\\,=]/.test(value)) return value;
  let plain = "";
  for (let n = 0; n < value.length; n++) {
    const character = value[n]!;
    if (character === "=" || character === ",") throw badRequest(`invalid field selector: unescaped character in value: ${character.charCodeAt(0)}`);
    if (character !== "\\") {
      plain += character;
      continue;
    }
    const next = value[++n];
    if (next !== "\\" && next !== "," && next !== "=") throw badRequest(`invalid field selector: invalid escape sequence: \\${next === undefined ? "" : String.fromCodePoint(value.codePointAt(n)!)}`);
    plain += next;
  }
  return plain;
}

/** Kinds that say for themselves what may be selected, without having anything of their own to select. */
const ONLY_METADATA = new Set(["Node", "Namespace"]);

function readerOf(kind: Kind, path: string): (object: ClusterObject) => string {
  const own = Object.hasOwn(kind.selectable, path) ? kind.selectable[path] : undefined;
  if (own !== undefined) return own;
  if (path === "metadata.name") return nameOf;
  if (path === "metadata.namespace" && !(kind.group === "" && ONLY_METADATA.has(kind.kind))) return namespaceOf;
  throw unknownField(kind, path);
}

function unknownField(kind: Kind, path: string): StatusError {
  if (kind.kind === "Job" && kind.group === "batch") return badRequest(`field label ${JSON.stringify(path)} not supported for Job`);
  if (kind.kind === "ResourceSlice") return badRequest(`field label not supported for ${kind.group}/${kind.version}, Kind=ResourceSlice: ${path}`);
  if (kind.custom || Object.keys(kind.selectable).length > 0) return badRequest(`field label not supported: ${path}`);
  return badRequest(`${JSON.stringify(path)} is not a known field selector: only "metadata.name", "metadata.namespace"`);
}
