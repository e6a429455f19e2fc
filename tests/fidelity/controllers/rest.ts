/**
 * What is there, in a form in which two clusters compare: without what the server made up (uids, times, versions, random
 * names and hashes), as a sorted list of texts.
 */
import type { Loose } from "../../support/api-client.ts";
import type { Stage } from "./stage.ts";

const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^"]*-----END CERTIFICATE-----(\\n)*/g;
const UID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

export interface Rest { readonly [plural: string]: readonly string[] }

export async function rest(stage: Stage, plurals: readonly string[]): Promise<Rest> {
  const lists = new Map<string, Loose[]>();
  for (const plural of new Set([...plurals, "replicasets", "pods", "jobs", "controllerrevisions"])) lists.set(plural, await stage.list(plural));
  const replace = replacements(stage, lists);
  const found: { [plural: string]: string[] } = {};
  for (const plural of plurals) {
    const items = lists.get(plural)!.filter((item) => plural !== "namespaces" || item.metadata.name.startsWith(stage.ns));
    found[plural] = items.map((item) => replace(stable(plural === "events" ? eventOf(item) : plain(item)))).sort();
    // The same thing may have been said in one Event or in several.
    if (plural === "events") found[plural] = [...new Set(found[plural])];
  }
  return found;
}

/** Texts that differ for no reason, and what stands for them. Hashes are numbered by the revisions that they name. */
function replacements(stage: Stage, lists: Map<string, Loose[]>): (text: string) => string {
  const pairs: [string, string][] = [];
  const sets = [...lists.get("replicasets")!].sort((a, b) => Number(a.metadata.annotations?.["deployment.kubernetes.io/revision"] ?? 0) - Number(b.metadata.annotations?.["deployment.kubernetes.io/revision"] ?? 0));
  const hashes = sets.map(({ metadata }) => metadata.labels?.["pod-template-hash"]);
  const ofDaemons = lists.get("controllerrevisions")!.filter(({ metadata }) => metadata.ownerReferences?.[0]?.kind === "DaemonSet").sort((a, b) => a.revision - b.revision).map(({ metadata }) => metadata.labels?.["controller-revision-hash"]);
  [...hashes, ...ofDaemons].filter((hash) => hash !== undefined).forEach((hash, n) => pairs.push([hash, `HASH${n + 1}`]));
  for (const items of lists.values()) {
    for (const { metadata: { name, generateName } } of items) if (generateName !== undefined && name.startsWith(generateName) && name.length === generateName.length + 5) pairs.push([name, `${generateName}*`]);
  }
  // The longest first: a Pod's name has its set's hash in it.
  pairs.sort(([a], [b]) => b.length - a.length);
  return (text) => {
    let replaced = text.replaceAll(stage.ns, "NS").replace(TIME, "T").replace(UID, "UID").replace(CERTIFICATE, "CA").replace(/([Pp]od:? [a-z0-9.-]+-)[bcdfghjklmnpqrstvwxz2456789]{5}\b/g, "$1*");
    for (const [from, to] of pairs) replaced = replaced.replaceAll(from, to);
    for (const [hash, token] of pairs.filter(([, to]) => to.startsWith("HASH"))) replaced = replaced.replaceAll(hash, token);
    return replaced;
  };
}

function plain(item: Loose): Loose {
  const { uid: _, resourceVersion: __, creationTimestamp: ___, managedFields: ____, generation, deletionGracePeriodSeconds: _____, ...metadata } = item.metadata;
  const annotations = { ...metadata.annotations };
  delete annotations["endpoints.kubernetes.io/last-change-trigger-time"];
  const owners = metadata.ownerReferences?.map(({ uid: _uid, ...owner }: Loose) => owner);
  // A token volume of a random name, where the ServiceAccount's policy put one.
  const spec = item.spec === undefined ? undefined : JSON.parse(JSON.stringify(item.spec).replace(/kube-api-access-[a-z0-9]{5}/g, "kube-api-access-*"));
  return { ...item, apiVersion: undefined, kind: undefined, metadata: { ...metadata, annotations: Object.keys(annotations).length === 0 ? undefined : annotations, ownerReferences: owners, generation }, spec };
}

function eventOf({ involvedObject, type, reason, message, source, reportingComponent }: Loose): Loose {
  return { about: `${involvedObject.kind} ${involvedObject.name}`, type, reason, message, source: source?.component, reportingComponent };
}

function stable(value: Loose): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(stable).join(",")}]`;
  return `{${Object.keys(value).filter((key) => value[key] !== undefined).sort().map((key) => `${JSON.stringify(key)}:${stable(value[key])}`).join(",")}}`;
}

/** What the two differ in, line by line; empty when they are the same. */
export function differences(embedded: Rest, real: Rest): string[] {
  const found: string[] = [];
  for (const plural of Object.keys(embedded)) {
    const left = [...embedded[plural]!];
    for (const text of real[plural]!) {
      const at = left.indexOf(text);
      if (at === -1) found.push(`${plural} real only:     ${text}`);
      else left.splice(at, 1);
    }
    for (const text of left) found.push(`${plural} embedded only: ${text}`);
  }
  return found;
}

