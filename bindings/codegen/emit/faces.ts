/** `MyAppObserved` and `MyAppPlan`: the typed face of the SDK's `Observed` and `Plan`, as AssemblyScript source. */
import type { Call, KindRef, Manifest, OwnedKind, ReadKind } from "../../protocol/manifest.ts";
import { identifierOf } from "./layout.ts";
import type { CodecTable } from "./table.ts";

export function sourceOfObserved(manifest: Manifest, table: CodecTable): string {
  const { type } = manifest.for;
  const members = [
    ...manifest.owns.flatMap((kind, index) => [ownedMembers(kind, index), questionMembers(kind, table)]),
    ...manifest.reads.map((kind) => questionMembers(kind, table)),
    ...manifest.calls.filter((call) => call.effect === "read").map(readCall),
  ];
  return `/** What a pass over a ${type} may know. */
export class ${type}Observed extends Observed {
  /** For tests: what a pass at \`now\` (RFC 3339) sees of \`primary\`, before anything is added. */
  static at(now: string, primary: ${type}): ${type}Observed {
    useTypes();
    const observed = new ${type}Observed();
    observed.now = now;
    observed.primaryObject = changetype<usize>(primary);
    return observed;
  }

  get primary(): ${type} {
    return changetype<${type}>(this.primaryObject);
  }
  /** The object before the change that is to be judged; null when it is new, or in mode "reconcile". */
  get old(): ${type} | null {
    return changetype<${type} | null>(this.oldObject);
  }

${members.join("\n")}}
`;
}

function ownedMembers(kind: OwnedKind, index: number): string {
  const [one, many, type] = [lowerFirst(kind.kind), lowerFirst(pluralOf(kind)), kind.type];
  const { where, place } = placing(kind);
  return `  /** The ${type}s that are its own, sorted by name. */
  get ${many}(): ${type}[] {
    return changetype<${type}[]>(this.owned[${index}]);
  }
  /** Its own ${type} of that name, or null. */
  ${one}(name: string${where}): ${type} | null {
    return changetype<${type} | null>(this.findOwned(${index}, name, ${place}));
  }
  /** ${type}s that carry a name this operator wants, but are not its own. */
  get stray${pluralOf(kind)}(): ${type}[] {
    return changetype<${type}[]>(this.strays[${index}]);
  }
  stray${kind.kind}(name: string${where}): ${type} | null {
    return changetype<${type} | null>(this.findStray(${index}, name, ${place}));
  }
`;
}

/** Names are looked up beside the primary, unless the caller says where. */
function placing({ namespaced }: KindRef): { where: string; place: string } {
  if (!namespaced) return { where: "", place: "null" };
  return { where: ", namespace: string | null = null", place: "namespace === null ? this.namespace : namespace" };
}

function questionMembers(kind: KindRef & { type: string }, table: CodecTable): string {
  const { apiVersion, namespaced, type } = kind;
  const { where, place } = placing(kind);
  const get = `  /** Asks for the ${type} of that name${namespaced ? "; in the primary's namespace, unless another is given" : ""}. */
  get${kind.kind}(name: string${where}): Answer<${type}> {
    return this.askGet<${type}>(${table.refs[type]}, ${JSON.stringify(apiVersion)}, ${JSON.stringify(kind.kind)}, ${place}, name);
  }
`;
  const answer = `  /** For tests: what \`get${kind.kind}\` finds; null: there is none. */
  answerGet${kind.kind}(name: string, object: ${type} | null${where}): void {
    this.prepare(getQuestion(${JSON.stringify(apiVersion)}, ${JSON.stringify(kind.kind)}, ${place}, name), ${table.refs[type]}, changetype<usize>(object));
  }
`;
  if ((kind as Partial<ReadKind>).byName === true) return get + answer;
  return `${get}  /** Asks for the ${type}s that match a label selector ("a=b,c!=d"). A list over \`limit\` is unobserved, never cut; 0: the host's limit. */
  list${pluralOf(kind)}(selector: string = "", limit: i32 = 0${where}): Answer<${type}[]> {
    return this.askList<${type}[]>(${table.listRefs[type]}, ${JSON.stringify(apiVersion)}, ${JSON.stringify(kind.kind)}, ${place}, selector, limit);
  }
${answer}  /** For tests: what \`list${pluralOf(kind)}\` finds. */
  answerList${pluralOf(kind)}(objects: ${type}[], selector: string = "", limit: i32 = 0${where}): void {
    this.prepare(listQuestion(${JSON.stringify(apiVersion)}, ${JSON.stringify(kind.kind)}, ${place}, selector, limit), ${table.listRefs[type]}, changetype<usize>(objects));
  }
`;
}

/** How a call's method takes the Secret that it presents: not at all, unless it is declared. */
function certificate({ clientCertificate }: Call): { parameter: string; argument: string; words: string } {
  if (clientCertificate !== true) return { parameter: "", argument: "null", words: "" };
  return { parameter: "clientCertificate: string, ", argument: "clientCertificate", words: " `clientCertificate` names the Secret to present." };
}

function readCall(call: Call): string {
  const { name, method, path, targetKind } = call;
  const { parameter, argument, words } = certificate(call);
  return `  /** Asks ${method} ${path} of a ${targetKind} of its own. The answer is the body, as text.${words} */
  ${identifierOf(name)}(target: string, ${parameter}body: string | null = null): Answer<string> {
    return this.askHttp(${JSON.stringify(name)}, "${targetKind}", this.namespace, target, body, ${argument});
  }
  /** For tests: what \`${identifierOf(name)}\` is answered. */
  answer${upperFirst(name)}(target: string, answer: string, ${parameter}body: string | null = null): void {
    this.prepare(httpQuestion(${JSON.stringify(name)}, "${targetKind}", this.namespace, target, body, ${argument}), 0, changetype<usize>(answer));
  }
`;
}

export function sourceOfPlan(manifest: Manifest): string {
  const { type } = manifest.for;
  const self = `${type}Plan`;
  const hasStatus = manifest.types[type]!.fields["status"] !== undefined;
  const members = [
    ...manifest.owns.map((kind, index) => planMembers(kind, index, self)),
    ...manifest.calls.filter((call) => call.effect !== "read").map((call) => changeCall(call, self)),
    ...(hasStatus ? [statusMembers(manifest, self)] : []),
    verdictMembers(self),
  ];
  return `/** What a pass over a ${type} wants done. Every method returns the plan, to go on with. */
export class ${self} extends Plan {
  /** An empty plan: settled, nothing to do. */
  static for(primary: ${type}): ${self} {
    const plan = new ${self}();
    plan.primaryObject = changetype<usize>(primary);
    return plan;
  }

${members.join("\n")}}
`;
}

function planMembers(kind: OwnedKind, index: number, self: string): string {
  const { type } = kind;
  const out: string[] = [];
  const method = (verb: string, doc: string, parameters: string, body: string): void => {
    out.push(`  /** ${doc} */\n  ${verb}${kind.kind}(${parameters}): ${self} {\n    ${body}\n    return this;\n  }\n`);
  };
  if (kind.verbs.includes("apply")) {
    method("apply", "Makes these fields so, creating it if need be. Nothing is written when nothing would change.",
      `object: ${type}, reason: string = "Desired"`, `this.addApply(${index}, ${kind.namespaced}, changetype<usize>(object), reason);`);
  }
  if (kind.verbs.includes("create")) {
    method("create", "Creates it, once. Such an object is never applied.",
      `object: ${type}, reason: string`, `this.addCreate(${index}, ${kind.namespaced}, changetype<usize>(object), reason);`);
  }
  if (kind.verbs.includes("patch")) {
    method("patch", "A JSON merge patch of the object as it was observed.",
      `object: ${type}, patch: Json, reason: string`, `this.addTargeted("patch", ${index}, changetype<usize>(object), reason).patch = patch;`);
  }
  if (kind.verbs.includes("delete")) {
    method("delete", "Deletes the object that was observed, and no other of that name. The plan is confirmed by fresh reads first.",
      `object: ${type}, reason: string, propagationPolicy: string | null = null`,
      `this.addTargeted("delete", ${index}, changetype<usize>(object), reason).propagationPolicy = propagationPolicy;`);
  }
  for (const [verb, doc] of [["evict", "As delete, but a disruption budget may refuse it."], ["adopt", "Takes over a stray: it becomes its own."]] as const) {
    if (kind.verbs.includes(verb)) {
      method(verb, doc, `object: ${type}, reason: string`, `this.addTargeted("${verb}", ${index}, changetype<usize>(object), reason);`);
    }
  }
  out.push(`  /** For tests: the ${type} that the plan applies or creates, or null. */
  ${lowerFirst(kind.kind)}(name: string): ${type} | null {
    return changetype<${type} | null>(this.findWanted(${index}, name));
  }
`);
  return out.join("");
}

function changeCall(call: Call, self: string): string {
  const { name, method, path, targetKind } = call;
  const { parameter, argument, words } = certificate(call);
  return `  /** Calls ${method} ${path} of a ${targetKind} of its own. What changes something must follow a latch.${words} */
  ${identifierOf(name)}(target: string, reason: string, ${parameter}body: string | null = null): ${self} {
    this.addCall(${JSON.stringify(name)}, "${targetKind}", target, body, ${argument}, reason);
    return this;
  }
`;
}

function statusMembers(manifest: Manifest, self: string): string {
  const ref = manifest.types[manifest.for.type]!.fields["status"]!.type;
  if (!("object" in ref)) return "";
  return `  /** The whole status that is wanted. Not written when nothing would change. */
  status(status: ${ref.object}): ${self} {
    this.statusWanted = changetype<usize>(status);
    return this;
  }
  /** For tests: the status that the plan asks for, or null. */
  get wantedStatus(): ${ref.object} | null {
    return changetype<${ref.object} | null>(this.statusWanted);
  }
  /** Writes these status fields before anything that follows in this plan: what must not be forgotten, or done twice. */
  latch(status: ${ref.object}, reason: string = "Latched"): ${self} {
    this.addLatch(changetype<usize>(status), reason);
    return this;
  }
`;
}

function verdictMembers(self: string): string {
  const verdict = (name: string, doc: string): string => `  /** ${doc} */
  ${name}(reason: string, message: string): ${self} {
    this.conclude("${name}", reason, message);
    return this;
  }
`;
  return `  /** What follows waits until all before it is done. */
  then(): ${self} {
    this.stage++;
    return this;
  }
  /** Hands a field of the object applied last over to whoever else writes it; it keeps its value. */
  release(path: string): ${self} {
    this.addRelease(path);
    return this;
  }
  /** Comes back after this long, even if nothing changes. */
  requeueAfter(milliseconds: i64): ${self} {
    this.requeueAfterMs = milliseconds;
    return this;
  }
  /** On the way: not there yet, and nothing is the matter. */
  progressing(message: string, reason: string = "Progressing"): ${self} {
    this.conclude("progressing", reason, message);
    return this;
  }
${verdict("blocked", "It can't go on by itself: somebody has to do something, or something has to come back.")}${verdict("refused", "The object asks for what can't be.")}  /** All that had to be cleaned up is: the finalizer may go. */
  finalized(): ${self} {
    this.conclude("finalized", "", "");
    return this;
  }
`;
}

/** "Deployments", "NetworkPolicies", "Endpoints": the kind's spelling with the plural's end. */
export function pluralOf({ kind, plural }: { kind: string; plural: string }): string {
  let shared = 0;
  while (shared < kind.length && kind[shared]!.toLowerCase() === plural[shared]) shared++;
  return kind.slice(0, shared) + plural.slice(shared);
}

function upperFirst(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

export function lowerFirst(name: string): string {
  // "PodDisruptionBudget" -> "podDisruptionBudget", "CSIDriver" -> "csiDriver".
  return name.replace(/^[A-Z]+(?=[A-Z][a-z])|^[A-Z]+$|^[A-Z]/, (start) => start.toLowerCase());
}
