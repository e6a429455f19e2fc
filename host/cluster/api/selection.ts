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

/** Selectors whose syntax is right; what they mean depends on the kind. */
export interface Selectors {
  readonly labels: ((labels: { readonly [key: string]: string } | undefined) => boolean) | undefined;
  readonly fields: readonly FieldTerm[];
}
export interface FieldTerm { readonly path: string; readonly value: string; readonly equal: boolean }

/** Throws the 400 of a selector that is none. */
export function parseSelectors(labelSelector: string, fieldSelector: string): Selectors {
  return { labels: labelSelector === "" ? undefined : parseLabelSelector(labelSelector), fields: fieldTerms(fieldSelector) };
}

/** `nameInPath`: the path names an object, as old watches do. Throws the 400 of fields that can't be selected by. */
export function selectionOf(kind: Kind, namespace: string, { labels, fields }: Selectors, nameInPath?: string): Selection {
  const terms: Term[] = fields.map((term) => ({ ...term, read: readerOf(kind, term.path) }));
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

interface Term extends FieldTerm { read(object: ClusterObject): string }

const nameOf = (object: ClusterObject): string => object.metadata.name;
const namespaceOf = (object: ClusterObject): string => object.metadata.namespace ?? "";

function fieldTerms(selector: string): FieldTerm[] {
  if (selector === "") return [];
  return splitTerms(selector).sort().filter((part) => part !== "").map((part) => {
    const found = /^(.*?)(!=|==|=)(.*)$/s.exec(part);
    if (found === null) throw badRequest(`invalid selector: '${selector}'; can't understand '${part}'`);
    const [, path, operator, value] = found as unknown as [string, string, string, string];
    return { path, value: unescaped(value), equal: operator !== "!=" };
  });
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

/** Kinds that say for themselves what may be selected by; of the others nothing but name and namespace. */
const OWN_FIELDS = new Set([
  "/Pod", "/Node", "/ReplicationController", "/Event", "/Namespace", "/Secret", "/Service", "events.k8s.io/Event", "batch/Job",
  "certificates.k8s.io/CertificateSigningRequest", "resource.k8s.io/ResourceSlice",
]);
/** Of which a namespace isn't even a field. */
const WITHOUT_NAMESPACE = new Set(["Node", "Namespace", "CertificateSigningRequest", "ResourceSlice"]);

function readerOf(kind: Kind, path: string): (object: ClusterObject) => string {
  const own = kind.custom || OWN_FIELDS.has(`${kind.group}/${kind.kind}`);
  const read = own && Object.hasOwn(kind.selectable, path) ? kind.selectable[path] : undefined;
  if (read !== undefined) return read;
  if (path === "metadata.name") return nameOf;
  if (path === "metadata.namespace" && !(own && WITHOUT_NAMESPACE.has(kind.kind))) return namespaceOf;
  throw unknownField(kind, path, own);
}

function unknownField(kind: Kind, path: string, own: boolean): StatusError {
  if (!own) return badRequest(`${JSON.stringify(path)} is not a known field selector: only "metadata.name", "metadata.namespace"`);
  if (kind.kind === "Job") return badRequest(`field label ${JSON.stringify(path)} not supported for Job`);
  if (kind.kind === "ResourceSlice") return badRequest(`field label not supported for ${kind.group}/${kind.version}, Kind=ResourceSlice: ${path}`);
  return badRequest(`field label not supported: ${path}`);
}
