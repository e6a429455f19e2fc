/** What an application is made of beside its Pods, the nodes, and what has happened. */
import type { ConfigMap, Event, Namespace, Node, ResourceQuota, Secret } from "../generated/types.ts";
import { age, millisecondsOf, named, orNone, row, since, type AnyRow } from "./cells.ts";

const ROLE_PREFIX = "node-role.kubernetes.io/";
const ROLE = "kubernetes.io/role";

function rolesOf({ metadata }: Node): string {
  const roles = new Set<string>();
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    if (key.startsWith(ROLE_PREFIX)) roles.add(key.slice(ROLE_PREFIX.length));
    if (key === ROLE) roles.add(value);
  }
  roles.delete("");
  return orNone([...roles].sort().join(","));
}
function nodeStatus({ spec, status }: Node): string {
  const ready = status?.conditions?.findLast(({ type }) => type === "Ready");
  const shown = ready === undefined ? "Unknown" : ready.status === "True" ? "Ready" : "NotReady";
  return spec?.unschedulable === true ? `${shown},SchedulingDisabled` : shown;
}
const nodeRow = row<Node>((node, nowMs) => {
  const { kubeletVersion = "", osImage, kernelVersion, architecture = "", containerRuntimeVersion } = node.status?.nodeInfo ?? {};
  const address = (wanted: string): string => node.status?.addresses?.find(({ type }) => type === wanted)?.address ?? "<none>";
  return [
    node.metadata.name, nodeStatus(node), rolesOf(node), age(node, nowMs), kubeletVersion, address("InternalIP"), address("ExternalIP"), orNone(osImage, "<unknown>"),
    `${orNone(kernelVersion, "<unknown>")}${architecture === "" ? "" : ` (${architecture})`}`, orNone(containerRuntimeVersion, "<unknown>"),
  ];
});

const eventRow = row<Event>((event, nowMs) => {
  const { metadata, involvedObject: about = {}, source = {}, series } = event;
  const first = millisecondsOf(event.firstTimestamp) === undefined ? since(event.eventTime, nowMs) : since(event.firstTimestamp, nowMs);
  const last = millisecondsOf(event.lastTimestamp) === undefined ? first : since(event.lastTimestamp, nowMs);
  const kind = (about.kind ?? "").toLowerCase();
  const [component, instance] = [orNone(source.component, event.reportingComponent ?? ""), orNone(source.host, event.reportingInstance ?? "")];
  return [
    series === undefined ? last : since(series.lastObservedTime, nowMs), event.type ?? "", event.reason ?? "", orNone(about.name, "") === "" ? kind : `${kind}/${about.name}`, about.fieldPath ?? "",
    instance === "" ? component : `${component}, ${instance}`, (event.message ?? "").trim(), first, series === undefined ? orOne(event.count) : series.count ?? 0, metadata.name,
  ];
});
/** An event of the new form that happened once has no count. */
function orOne(count = 0): number {
  return count === 0 ? 1 : count;
}

function quotaTexts({ status = {} }: ResourceQuota): [requests: string, limits: string] {
  const { hard = {}, used = {} } = status;
  const texts = (limits: boolean): string => Object.keys(hard).sort().filter((name) => name.startsWith("limits.") === limits).map((name) => `${name}: ${used[name] ?? "0"}/${hard[name]}`).join(", ");
  return [texts(false), texts(true)];
}

const count = (map: object | undefined): number => Object.keys(map ?? {}).length;

/** By "Kind.group". */
export const CORE_ROWS: { readonly [kind: string]: AnyRow } = {
  ConfigMap: named<ConfigMap>(({ data, binaryData }) => [count(data) + count(binaryData)]),
  Secret: named<Secret>(({ type = "", data }) => [type, count(data)]),
  Namespace: named<Namespace>(({ status }) => [status?.phase ?? ""]),
  ServiceAccount: named(),
  ResourceQuota: named<ResourceQuota>(quotaTexts),
  Node: nodeRow,
  Event: eventRow,
  "Event.events.k8s.io": eventRow,
};
