/** LimitRanges: what containers get that ask for nothing, and how much anything may ask for. */
import type { AdmissionRequest } from "../api/machinery.ts";
import type { Container, LimitRange, LimitRangeItem, PersistentVolumeClaim, Pod, PodSpec } from "../kinds/generated/types.ts";
import type { StrategyContext } from "../kinds/kind.ts";
import { totalOfContainers } from "../kinds/pod/resources.ts";
import { compareQuantities, nanos } from "../kinds/shared/quantity.ts";
import type { ResourceList } from "../kinds/shared/resources.ts";
import { objectOf, refused, type Plugin } from "./plugin.ts";

const ANNOTATION = "kubernetes.io/limit-ranger";

export const limitRanger: Plugin = {
  name: "LimitRanger", resources: ["pods", "persistentvolumeclaims"], operations: ["CREATE", "UPDATE"],
  mutate(request, context) {
    if (request.resource !== "pods") return;
    for (const range of rangesFor(request, context)) setDefaults(objectOf<Pod>(request), range);
  },
  validate(request, context) {
    for (const range of rangesFor(request, context)) {
      const complaints = request.resource === "pods" ? podComplaints(objectOf<Pod>(request).spec ?? {}, range) : claimComplaints(objectOf<PersistentVolumeClaim>(request), range);
      if (complaints.length > 0) throw refused(request, complaints.length === 1 ? complaints[0]! : `[${[...new Set(complaints)].join(", ")}]`);
    }
  },
};

function rangesFor({ resource, operation, subresource, namespace, old }: AdmissionRequest, context: StrategyContext): LimitRange[] {
  if (old?.metadata.deletionTimestamp !== undefined) return [];
  const resize = resource === "pods" && operation === "UPDATE";
  if (resize ? subresource !== "resize" : subresource !== undefined) return [];
  return [...context.list("limitranges", namespace)] as unknown as LimitRange[];
}

function setDefaults({ metadata, spec = {} }: Pod, { spec: range }: LimitRange): void {
  const requests: Record<string, string> = {};
  const limits: Record<string, string> = {};
  for (const item of range?.limits ?? []) {
    if (item.type !== "Container") continue;
    Object.assign(requests, item.defaultRequest);
    Object.assign(limits, item.default);
  }
  const notes: string[] = [];
  for (const container of spec.containers ?? []) fill(container, "container", requests, limits, notes);
  for (const container of spec.initContainers ?? []) fill(container, "init container", requests, limits, notes);
  if (notes.length > 0) (metadata.annotations ??= {})[ANNOTATION] = `LimitRanger plugin set: ${notes.join("; ")}`;
}
function fill(container: Container, sort: string, requests: ResourceList, limits: ResourceList, notes: string[]): void {
  const resources = container.resources ??= {};
  const missing = (list: ResourceList, own: ResourceList = {}): string[] => Object.keys(list).filter((name) => own[name] === undefined).sort();
  const limited = missing(limits, resources.limits);
  const requested = missing(requests, resources.requests);
  if (limited.length > 0) resources.limits = { ...limits, ...resources.limits };
  if (requested.length > 0) resources.requests = { ...requests, ...resources.requests };
  if (requested.length > 0) notes.push(`${requested.join(", ")} request for ${sort} ${container.name ?? ""}`);
  if (limited.length > 0) notes.push(`${limited.join(", ")} limit for ${sort} ${container.name ?? ""}`);
}

function podComplaints(spec: PodSpec, { spec: range }: LimitRange): string[] {
  const found: string[] = [];
  for (const item of range?.limits ?? []) {
    if (item.type === "Container") {
      for (const { resources } of [...spec.containers ?? [], ...spec.initContainers ?? []]) check(item, resources?.requests ?? {}, resources?.limits ?? {}, found);
    } else if (item.type === "Pod") {
      check(item, { ...totalOfContainers(spec, "requests"), ...wholePod(spec.resources?.requests) }, { ...totalOfContainers(spec, "limits"), ...wholePod(spec.resources?.limits) }, found);
    }
  }
  return found;
}
function wholePod({ cpu, memory }: ResourceList = {}): Record<string, string> {
  return { ...cpu === undefined ? {} : { cpu }, ...memory === undefined ? {} : { memory } };
}

function check({ type, min = {}, max = {}, maxLimitRequestRatio = {} }: LimitRangeItem, requests: ResourceList, limits: ResourceList, found: string[]): void {
  for (const name in min) {
    const head = `minimum ${name} usage per ${type} is ${min[name]}`;
    const [request, limit] = [requests[name], limits[name]];
    if (request === undefined) found.push(`${head}.  No request is specified`);
    else if (compareQuantities(request, min[name]!) < 0) found.push(`${head}, but request is ${request}`);
    else if (limit !== undefined && compareQuantities(limit, min[name]!) < 0) found.push(`${head}, but limit is ${limit}`);
  }
  for (const name in max) {
    const head = `maximum ${name} usage per ${type} is ${max[name]}`;
    const [request, limit] = [requests[name], limits[name]];
    if (limit === undefined) found.push(`${head}.  No limit is specified`);
    else if (compareQuantities(limit, max[name]!) > 0) found.push(`${head}, but limit is ${limit}`);
    else if (request !== undefined && compareQuantities(request, max[name]!) > 0) found.push(`${head}, but request is ${request}`);
  }
  for (const name in maxLimitRequestRatio) checkRatio(`${name} max limit to request ratio per ${type} is ${maxLimitRequestRatio[name]}`, maxLimitRequestRatio[name]!, requests[name], limits[name], found);
}
function checkRatio(head: string, max: string, request: string | undefined, limit: string | undefined, found: string[]): void {
  if (request === undefined || nanos(request) === 0n) found.push(`${head}, but no request is specified or request is 0`);
  else if (limit === undefined || nanos(limit) === 0n) found.push(`${head}, but no limit is specified or limit is 0`);
  else {
    const ratio = Number(nanos(limit)) / Number(nanos(request));
    if (ratio > Number(nanos(max)) / 1e9) found.push(`${head}, but provided ratio is ${ratio.toFixed(6)}`);
  }
}

function claimComplaints({ spec }: PersistentVolumeClaim, { spec: range }: LimitRange): string[] {
  const requests = spec?.resources?.requests ?? {};
  const found: string[] = [];
  for (const { type, min = {}, max = {} } of range?.limits ?? []) {
    if (type !== "PersistentVolumeClaim") continue;
    check({ type, min }, requests, {}, found);
    for (const name in max) {
      const head = `maximum ${name} usage per ${type} is ${max[name]}`;
      if (requests[name] === undefined) found.push(`${head}.  No request is specified`);
      else if (compareQuantities(requests[name], max[name]!) > 0) found.push(`${head}, but request is ${requests[name]}`);
    }
  }
  return found;
}
