/** What the audit log says of a host's rights: whether it was refused anything, or asked for more than was declared. */
import type { Loose } from "../support/api-client.ts";
import { inWords, type AuditEvent } from "../support/audit.ts";
import { apiServerStarts } from "./cluster/control-plane.ts";
import { hostRequests, manifests, type Hosted } from "./host.ts";

interface Rule { apiGroups: string[]; resources: string[]; verbs: string[]; resourceNames?: string[] }

export function rulesOf(hosted: Hosted): Rule[] {
  return manifests(1, hosted).filter(({ kind }) => kind === "ClusterRole" || kind === "Role").flatMap((role: Loose) => role.rules as Rule[]);
}

/** Whether the generated roles grant a request. */
function isGranted(rules: readonly Rule[], { verb, objectRef }: AuditEvent): boolean {
  const { apiGroup = "", resource = "", subresource, name } = objectRef ?? {};
  const what = subresource === undefined ? resource : `${resource}/${subresource}`;
  // Applying what is not there yet is a patch in the log, and needs create as well; the server has seen to that.
  return rules.some((rule) => rule.apiGroups.includes(apiGroup) && rule.resources.includes(what) && rule.verbs.includes(verb)
    && (rule.resourceNames === undefined || (name !== undefined && rule.resourceNames.includes(name))));
}

/** Requests that were refused, in words; those of an API server that was only starting don't count. */
export function refused(hosted: Hosted): string[] {
  const starts = apiServerStarts();
  const starting = ({ requestReceivedTimestamp }: AuditEvent): boolean => starts.some(({ fromMs, toMs }) => Date.parse(requestReceivedTimestamp) >= fromMs && Date.parse(requestReceivedTimestamp) <= toMs);
  return hostRequests(0, hosted).filter((event) => (event.responseStatus?.code === 403 || event.responseStatus?.code === 401) && !starting(event))
    .map((event) => `${inWords(event)} ${event.requestURI}`);
}

/** Kinds of requests for resources that the generated roles don't grant. */
export function undeclared(hosted: Hosted): string[] {
  const rules = rulesOf(hosted);
  return [...new Set(hostRequests(0, hosted).filter((event) => event.objectRef !== undefined && !isGranted(rules, event)).map(inWords))];
}

/** Paths that are no resource's and tell nothing about the server either. */
export function pathsBeyondResources(hosted: Hosted): string[] {
  const others = new Set(hostRequests(0, hosted).filter((event) => event.objectRef === undefined).map((event) => event.requestURI.split("?")[0] ?? ""));
  return [...others].filter((path) => !/^\/(version|api|apis|apis\/[^/]+\/[^/]+|api\/v1)$/.test(path));
}
