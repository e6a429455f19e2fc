/** Events: of the core, and the same objects in the form of events.k8s.io. */
import type { FieldErrors } from "../../api/field-errors.ts";
import { dnsSubdomain, labelKey, longerThan } from "../../api/names.ts";
import type { ClusterObject, JsonObject } from "../../model.ts";
import { kindRules, type Rules } from "../define.ts";
import type { Event, EventsV1Event } from "../generated/types.ts";
import type { Conversion, StrategyContext } from "../kind.ts";
import { checkImmutable, checkMetadata, checkMetadataUpdate, complain } from "../shared/checks.ts";
import { equal } from "../shared/equal.ts";
import { goForm } from "../shared/go-form.ts";

const SHORT_BYTES_MAX = 128;
const NOTE_BYTES_MAX = 1024;
const NEW_GROUP = "events.k8s.io";

const rules: Rules<Event> = {
  validate(event, errors, context) {
    checkEvent(event, errors, context);
    if (context.group === NEW_GROUP) checkNewEvent(event, errors);
  },
  validateUpdate(next, old, errors, context) {
    checkEvent(next, errors, context);
    if (context.group === NEW_GROUP) checkChange(next, old, errors);
  },
  createOnUpdate: true,
};

export const event = kindRules<Event>(["", "v1", "Event"], rules, {
  selectable: {
    "involvedObject.kind": ({ involvedObject }) => involvedObject?.kind ?? "",
    "involvedObject.namespace": ({ involvedObject }) => involvedObject?.namespace ?? "",
    "involvedObject.name": ({ involvedObject }) => involvedObject?.name ?? "",
    "involvedObject.uid": ({ involvedObject }) => involvedObject?.uid ?? "",
    "involvedObject.apiVersion": ({ involvedObject }) => involvedObject?.apiVersion ?? "",
    "involvedObject.resourceVersion": ({ involvedObject }) => involvedObject?.resourceVersion ?? "",
    "involvedObject.fieldPath": ({ involvedObject }) => involvedObject?.fieldPath ?? "",
    reason: ({ reason }) => reason ?? "",
    reportingComponent: ({ reportingComponent }) => reportingComponent ?? "",
    source: ({ source, reportingComponent }) => (source?.component ?? "") === "" ? reportingComponent ?? "" : source!.component!,
    type: ({ type }) => type ?? "",
  },
});

/** What the two forms call differently. */
const RENAMED = [
  ["regarding", "involvedObject"], ["note", "message"], ["reportingController", "reportingComponent"], ["deprecatedSource", "source"], ["deprecatedFirstTimestamp", "firstTimestamp"],
  ["deprecatedLastTimestamp", "lastTimestamp"], ["deprecatedCount", "count"],
] as const;

function renamed(object: ClusterObject, apiVersion: string, from: 0 | 1): ClusterObject {
  const made: JsonObject = { ...object as unknown as JsonObject, apiVersion };
  for (const pair of RENAMED) {
    const value = made[pair[from]];
    delete made[pair[from]];
    if (value !== undefined) made[pair[1 - from]!] = value;
  }
  return made as unknown as ClusterObject;
}
const conversion: Conversion = { toStorage: (object) => renamed(object, "v1", 0), fromStorage: (object) => renamed(object, `${NEW_GROUP}/v1`, 1) };

export const newEvent = kindRules<Event>([NEW_GROUP, "v1", "Event"], rules, {
  convert: conversion, storedAs: "events",
  selectable: Object.fromEntries([
    ...["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"].map((field) => [`regarding.${field}`, (object: unknown) => String((object as EventsV1Event).regarding?.[field as "kind"] ?? "")] as const),
    ["reason", (object: unknown) => (object as EventsV1Event).reason ?? ""] as const, ["reportingController", (object: unknown) => (object as EventsV1Event).reportingController ?? ""] as const,
    ["type", (object: unknown) => (object as EventsV1Event).type ?? ""] as const,
  ]),
});

const isSet = <T>(value: T | null | undefined): value is T => value !== undefined && value !== null;

function checkEvent(checked: Event, errors: FieldErrors, { group }: StrategyContext): void {
  const { metadata: { namespace = "" }, involvedObject: { namespace: involved = "" } = {}, eventTime } = checked;
  const elsewhere = (): void => errors.invalid("involvedObject.namespace", involved, "does not match event.namespace");
  if (!isSet(eventTime)) {
    if (involved === "" ? namespace !== "" && namespace !== "default" : namespace !== involved) elsewhere();
  } else {
    if (involved === "" && namespace !== "default" && namespace !== "kube-system") elsewhere();
    checkTimed(checked, group === NEW_GROUP ? "reportingController" : "reportingComponent", errors);
  }
  complain(errors, "namespace", namespace, dnsSubdomain(namespace));
}

function checkTimed(event: Event, controllerField: string, errors: FieldErrors): void {
  const { reportingComponent = "", reportingInstance = "", action = "", reason = "", message = "" } = event;
  if (reportingComponent === "") errors.required(controllerField);
  complain(errors, controllerField, reportingComponent, labelKey(reportingComponent));
  for (const [field, value] of [["reportingInstance", reportingInstance], ["action", action], ["reason", reason]] as const) {
    if (value === "") errors.required(field);
    if (longerThan(value, SHORT_BYTES_MAX)) errors.invalid(field, "", `can have at most ${SHORT_BYTES_MAX} characters`);
  }
  if (longerThan(message, NOTE_BYTES_MAX)) errors.invalid("message", "", `can have at most ${NOTE_BYTES_MAX} characters`);
}

/** Of the newer form: what the older one had instead must not be there. */
function checkNewEvent(event: Event, errors: FieldErrors): void {
  const { eventTime, type = "", firstTimestamp, lastTimestamp, count = 0, source } = event;
  checkMetadata(event.metadata, true, errors);
  checkSeries(event, errors);
  if (!isSet(eventTime)) errors.required("eventTime");
  if (type !== "Normal" && type !== "Warning") errors.invalid("type", "", `has invalid value: ${type}`);
  const unset = (field: string, set: boolean): void => { if (set) errors.invalid(field, "", "needs to be unset"); };
  unset("firstTimestamp", isSet(firstTimestamp));
  unset("lastTimestamp", isSet(lastTimestamp));
  unset("count", count !== 0);
  unset("source", (source?.component ?? "") !== "" || (source?.host ?? "") !== "");
}
function checkSeries({ series }: Event, errors: FieldErrors): void {
  if (series === undefined) return;
  if ((series.count ?? 0) < 2) errors.invalid("series.count", "", "should be at least 2");
  if (!isSet(series.lastObservedTime)) errors.required("series.lastObservedTime");
}

function checkChange(next: Event, old: Event, errors: FieldErrors): void {
  checkMetadataUpdate(next.metadata, old.metadata, errors);
  if (!equal(next.series, old.series)) checkSeries(next, errors);
  const text = (field: "reason" | "message" | "type" | "action" | "reportingInstance"): void => checkImmutable(next[field] ?? "", old[field] ?? "", field, errors);
  const inner = (field: "involvedObject" | "source" | "related", type: string): void => { if (!equal(next[field], old[field])) errors.invalid(field, field === "related" ? goForm(next[field], type) : goForm(next[field] ?? {}, type), "field is immutable"); };
  inner("involvedObject", "ObjectReference");
  text("reason");
  text("message");
  inner("source", "EventSource");
  checkImmutable(next.firstTimestamp, old.firstTimestamp, "firstTimestamp", errors);
  checkImmutable(next.lastTimestamp, old.lastTimestamp, "lastTimestamp", errors);
  checkImmutable(next.count ?? 0, old.count ?? 0, "count", errors);
  text("reason");
  text("type");
  checkImmutable(next.eventTime, old.eventTime, "eventTime", errors);
  text("action");
  inner("related", "ObjectReference");
  checkImmutable(next.reportingComponent ?? "", old.reportingComponent ?? "", "reportingController", errors);
  text("reportingInstance");
}
