/**
 * Which objects a list, a watch or a deletion of many is about: by namespace, labels and fields.
 */
import { parseSelector } from "../../values/selector.ts";
import type { Kind } from "../kinds/kind.ts";
import type { ClusterObject } from "../model.ts";
import { badRequest } from "./status-error.ts";

export interface Selection {
  /** "": all. */
  readonly namespace: string;
  /** The one name asked for, if it is only one. */
  readonly name: string | undefined;
  /** Neither labels nor fields are asked for. */
  readonly everything: boolean;
  matches(object: ClusterObject): boolean;
}

export function selectionOf(kind: Kind, namespace: string, labelSelector: string, fieldSelector: string, nameInPath?: string): Selection {
  const labels = labelSelector === "" ? undefined : parseSelector(labelSelector);
  if (labelSelector !== "" && labels === undefined) throw badRequest(`unable to parse requirement: ${labelSelector}`);
  const terms = fieldTerms(kind, fieldSelector);
  if (nameInPath !== undefined) terms.push({ path: "metadata.name", value: nameInPath, equal: true, read: nameOf });
  const named = terms.find(({ path, equal }) => path === "metadata.name" && equal);
  const inNamespace = terms.find(({ path, equal }) => path === "metadata.namespace" && equal);
  return {
    namespace: namespace === "" && kind.namespaced ? inNamespace?.value ?? "" : namespace, name: named?.value,
    everything: labels === undefined && terms.length === 0,
    matches: (object) => (labels === undefined || labels(object.metadata.labels ?? {}))
      && terms.every(({ read, value, equal }) => (read(object) === value) === equal),
  };
}

interface Term { path: string; value: string; equal: boolean; read(object: ClusterObject): string }

const nameOf = (object: ClusterObject): string => object.metadata.name;

function fieldTerms(kind: Kind, selector: string): Term[] {
  return selector.split(",").filter((part) => part !== "").map((part) => {
    const found = /^([^=!]*)(==|=|!=)(.*)$/.exec(part);
    if (found === null) throw badRequest(`invalid selector: '${selector}'; can't understand '${part}'`);
    const [, path, operator, value] = found as unknown as [string, string, string, string];
    return { path, value, equal: operator !== "!=", read: readerOf(kind, path) };
  });
}

function readerOf(kind: Kind, path: string): (object: ClusterObject) => string {
  if (path === "metadata.name") return nameOf;
  if (path === "metadata.namespace" && kind.namespaced) return (object) => object.metadata.namespace ?? "";
  const own = Object.hasOwn(kind.selectable, path) ? kind.selectable[path] : undefined;
  if (own === undefined) throw badRequest(`field label not supported: ${path}`);
  return own;
}
