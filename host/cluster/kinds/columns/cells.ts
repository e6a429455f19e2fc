/** What the cells of `kubectl get` are made of. */
import { humanDuration } from "../../../values/duration.ts";
import { parseRfc3339 } from "../../../values/time.ts";
import { selectorText } from "../../controllers/kit/selectors.ts";
import type { ClusterObject, Json, Metadata } from "../../model.ts";
import type { Container, LabelSelector, PodTemplateSpec } from "../generated/types.ts";
import { isEvaluable } from "../shared/label-selector.ts";

/** The cells of one object, in the order of the kind's columns. */
export type Row<T> = (object: T, nowMs: number) => readonly Json[];
export type AnyRow = Row<ClusterObject>;

/** The types of the fields are those of the kind: decoding has seen to that. */
export function row<T extends { metadata: Metadata }>(cells: Row<T>): AnyRow {
  return cells as unknown as AnyRow;
}

/** Name, what `between` makes, age. */
export function named<T extends { metadata: Metadata }>(between: (object: T, nowMs: number) => readonly Json[] = () => []): AnyRow {
  return row<T>((object, nowMs) => [object.metadata.name, ...between(object, nowMs), age(object, nowMs)]);
}
/** Of kinds without columns of their own. */
export const plainRow: AnyRow = ({ metadata }) => [metadata.name, metadata.creationTimestamp ?? ""];

export function age({ metadata }: { metadata: Metadata }, nowMs: number): string {
  return since(metadata.creationTimestamp, nowMs);
}
/** "5s", "3h12m". */
export function since(time: string | undefined, nowMs: number): string {
  const ms = millisecondsOf(time);
  return ms === undefined ? "<unknown>" : humanDuration(nowMs - ms);
}
/** Undefined for what is no time. */
export function millisecondsOf(time: string | undefined): number | undefined {
  const found = time === undefined ? undefined : parseRfc3339(time);
  return found === undefined ? undefined : found.seconds * 1000;
}

export function orNone(text: string | undefined, nothing = "<none>"): string {
  return text === undefined || text === "" ? nothing : text;
}

const SHOWN_MAX = 3;
/** "a,b,c + 2 more...". */
export function shortList(items: readonly string[], max = SHOWN_MAX, separator = ","): string {
  const shown = items.slice(0, max).join(separator);
  return items.length > max ? `${shown} + ${items.length - max} more...` : shown;
}

/** "a=b,c=d", or "<none>". */
export function labelsText(labels: Readonly<Record<string, string>> | undefined): string {
  return orNone(Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`).sort().join(","));
}
export function selectorCell(selector: LabelSelector | null | undefined): string {
  if (selector === undefined || selector === null) return "<none>";
  return isEvaluable(selector) ? orNone(textOf(selector)) : "<error>";
}
export function textOf(selector: LabelSelector): string {
  return selectorText(selector as Parameters<typeof selectorText>[0]);
}

/** Names and images, each list in one cell. */
export function containerCells(containers: readonly Container[] | null | undefined): [names: string, images: string] {
  const all = containers ?? [];
  return [all.map(({ name = "" }) => name).join(","), all.map(({ image = "" }) => image).join(",")];
}
export function templateCells(template: PodTemplateSpec | undefined): [names: string, images: string] {
  return containerCells(template?.spec?.containers);
}
