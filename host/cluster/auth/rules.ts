/**
 * What a role allows: verbs on resources, or on paths that name none.
 */
export interface Rule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

/** What is asked for. */
export interface Attributes {
  readonly verb: string;
  /** Undefined: of a path, not of a resource. */
  readonly resource: ResourceAttributes | undefined;
  readonly path: string;
}
export interface ResourceAttributes {
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  /** "" at the cluster scope. */
  readonly namespace: string;
  readonly name: string;
}

export function ruleAllows(rule: Rule, { verb, resource, path }: Attributes): boolean {
  if (!rule.verbs.includes("*") && !rule.verbs.includes(verb)) return false;
  if (resource === undefined) return rule.nonResourceURLs?.some((each) => pathMatches(each, path)) ?? false;
  return has(rule.apiGroups, resource.group) && resourceMatches(rule.resources ?? [], resource.resource, resource.subresource)
    && (rule.resourceNames === undefined || rule.resourceNames.length === 0 || rule.resourceNames.includes(resource.name));
}

function has(values: readonly string[] | undefined, wanted: string): boolean {
  return values !== undefined && (values.includes("*") || values.includes(wanted));
}

function resourceMatches(resources: readonly string[], resource: string, subresource: string): boolean {
  const combined = subresource === "" ? resource : `${resource}/${subresource}`;
  return resources.includes("*") || resources.includes(combined) || (subresource !== "" && resources.includes(`*/${subresource}`));
}

function pathMatches(pattern: string, path: string): boolean {
  return pattern === "*" || pattern === path || (pattern.endsWith("*") && path.startsWith(pattern.replace(/\*+$/, "")));
}

/** One for each verb, group and resource: what can be compared one by one. */
function breakDown(rule: Rule): Rule[] {
  const { apiGroups = [], resources = [], verbs, resourceNames = [], nonResourceURLs = [] } = rule;
  const single: Rule[] = [];
  for (const apiGroup of apiGroups) {
    for (const resource of resources) {
      for (const verb of verbs) {
        if (resourceNames.length === 0) single.push({ apiGroups: [apiGroup], resources: [resource], verbs: [verb] });
        for (const name of resourceNames) single.push({ apiGroups: [apiGroup], resources: [resource], verbs: [verb], resourceNames: [name] });
      }
    }
  }
  for (const url of nonResourceURLs) for (const verb of verbs) single.push({ nonResourceURLs: [url], verbs: [verb] });
  return single;
}

/** What of `wanted` is not in `held`, in the least number of rules. */
export function uncovered(held: readonly Rule[], wanted: readonly Rule[]): Rule[] {
  return compacted(wanted.flatMap(breakDown).filter((each) => !held.some((rule) => covers(rule, each))));
}

function covers(owner: Rule, part: Rule): boolean {
  const all = (ours: readonly string[] = [], theirs: readonly string[] = []): boolean => ours.includes("*") || theirs.every((each) => ours.includes(each));
  if (!all(owner.verbs, part.verbs)) return false;
  if (part.nonResourceURLs !== undefined) return part.nonResourceURLs.every((each) => owner.nonResourceURLs?.some((pattern) => pathMatches(pattern, each)) ?? false);
  const { resourceNames = [] } = owner;
  const named = resourceNames.length === 0 || ((part.resourceNames?.length ?? 0) > 0 && part.resourceNames!.every((each) => resourceNames.includes(each)));
  return all(owner.apiGroups, part.apiGroups) && named && (owner.resources ?? []).length > 0 && part.resources!.every((resource) => {
    const slash = resource.indexOf("/");
    return owner.resources!.includes("*") || owner.resources!.includes(resource) || (slash !== -1 && owner.resources!.includes(`*${resource.slice(slash)}`));
  });
}

/** Rules for one resource of one group without more, joined by their verbs. */
export function compacted(rules: readonly Rule[]): Rule[] {
  const joined = new Map<string, { rule: Rule; verbs: string[] }>();
  const out: Rule[] = [];
  for (const rule of rules) {
    const simple = rule.apiGroups?.length === 1 && rule.resources?.length === 1 && rule.nonResourceURLs === undefined && (rule.resourceNames?.length ?? 0) <= 1;
    const key = simple ? JSON.stringify([rule.apiGroups, rule.resources, rule.resourceNames ?? []]) : "";
    const known = simple ? joined.get(key) : undefined;
    if (known !== undefined) {
      known.verbs.push(...rule.verbs.filter((verb) => !known.verbs.includes(verb)));
      continue;
    }
    const verbs = [...rule.verbs];
    const copy: Rule = { ...rule, verbs };
    if (simple) joined.set(key, { rule: copy, verbs });
    out.push(copy);
  }
  return out;
}

/** As the real server's messages show one. */
export function ruleText({ apiGroups = [], resources = [], nonResourceURLs = [], resourceNames = [], verbs }: Rule): string {
  const parts: [string, readonly string[]][] = [["APIGroups", apiGroups], ["Resources", resources], ["NonResourceURLs", nonResourceURLs], ["ResourceNames", resourceNames], ["Verbs", verbs]];
  return `{${parts.filter(([, values]) => values.length > 0).map(([name, values]) => `${name}:${quotedList(values)}`).join(", ")}}`;
}

/** `["a" "b"]`, as Go prints a list of quoted strings. */
export function quotedList(values: readonly string[]): string {
  return `[${values.map((each) => JSON.stringify(each)).join(" ")}]`;
}
