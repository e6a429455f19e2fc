/** What a pass wants done. Generated subclasses add a typed face: `MyAppPlan.applyDeployment(...)`. */
import { AnyObject } from "./objects";
import { Json } from "./json";

/** One action. Which fields count depends on `type`; see the protocol's Action. */
export class Action {
  type: string;
  stage: i32;
  reason: string;
  /** Index of the kind in `owns`; -1 for none. */
  kindIndex: i32 = -1;
  /** Address of the object to apply or create, or of the one observed. */
  object: usize = 0;
  /** Of latch. */
  status: usize = 0;
  patch: Json | null = null;
  /** Of apply: paths handed over. */
  released: string[] = [];
  propagationPolicy: string | null = null;
  /** Of http. */
  call: string = "";
  targetKind: string = "";
  targetNamespace: string | null = null;
  targetName: string = "";
  body: string | null = null;
  clientCertificate: string | null = null;
}

export class Plan {
  verdict: string = "settled";
  reason: string = "";
  message: string = "";
  actions: Action[] = [];
  /** Address of the status wanted; 0: leave it alone. */
  statusWanted: usize = 0;
  requeueAfterMs: i64 = -1;
  stage: i32 = 0;
  /** Address of the primary. */
  primaryObject: usize = 0;

  add(type: string, reason: string, kindIndex: i32, object: usize): Action {
    if (reason.length == 0) throw new Error("an action without a reason: say why, people will read it");
    const action: Action = { type, stage: this.stage, reason, kindIndex, object };
    this.actions.push(action);
    return action;
  }

  addApply(kindIndex: i32, namespaced: bool, object: usize, reason: string): void {
    this.place(namespaced, object);
    this.add("apply", reason, kindIndex, object);
  }
  addCreate(kindIndex: i32, namespaced: bool, object: usize, reason: string): void {
    this.place(namespaced, object);
    this.add("create", reason, kindIndex, object);
  }
  /** Of an object that was observed: its uid guards the action. */
  addTargeted(type: string, kindIndex: i32, object: usize, reason: string): Action {
    const metadata = changetype<AnyObject>(object).metadata;
    if (metadata.uid === null) throw new Error(type + " of " + metadata.name + ", which was not observed: give the object from `observed`");
    return this.add(type, reason, kindIndex, object);
  }
  /** Later stages wait for it, so whatever follows is of a later one. */
  addLatch(status: usize, reason: string): void {
    if (this.actions.length > 0 && this.actions[this.actions.length - 1].stage == this.stage) this.stage++;
    this.add("latch", reason, -1, 0).status = status;
    this.stage++;
  }
  addCall(call: string, targetKind: string, name: string, body: string | null, certificate: string | null, reason: string): void {
    const action = this.add("http", reason, -1, 0);
    action.call = call;
    action.targetKind = targetKind;
    if (this.primaryObject != 0) action.targetNamespace = changetype<AnyObject>(this.primaryObject).metadata.namespace;
    action.targetName = name;
    action.body = body;
    action.clientCertificate = certificate;
  }
  addRelease(path: string): void {
    if (this.actions.length == 0 || this.actions[this.actions.length - 1].type != "apply") {
      throw new Error("release(" + path + ") follows the apply of the object whose field it hands over");
    }
    this.actions[this.actions.length - 1].released.push(path);
  }
  conclude(verdict: string, reason: string, message: string): void {
    this.verdict = verdict;
    this.reason = reason;
    this.message = message;
  }

  /** Objects live beside their primary unless they say otherwise. */
  private place(namespaced: bool, object: usize): void {
    const metadata = changetype<AnyObject>(object).metadata;
    if (metadata.namespace === null && namespaced && this.primaryObject != 0) {
      metadata.namespace = changetype<AnyObject>(this.primaryObject).metadata.namespace;
    }
  }

  /** The object that the plan applies or creates under this name; 0 if it doesn't. */
  findWanted(kindIndex: i32, name: string): usize {
    for (let i = 0; i < this.actions.length; i++) {
      const action = this.actions[i];
      if (action.kindIndex != kindIndex || (action.type != "apply" && action.type != "create")) continue;
      if (changetype<AnyObject>(action.object).metadata.name == name) return action.object;
    }
    return 0;
  }

  /** `apply Service db; apply Pod db-1; progressing: db-1 is starting` - for tests and people. */
  toString(): string {
    const parts: string[] = [];
    for (let i = 0; i < this.actions.length; i++) parts.push(describe(this.actions[i]));
    parts.push(this.message.length == 0 ? this.verdict : this.verdict + ": " + this.message);
    return parts.join("; ");
  }
}

function describe(action: Action): string {
  if (action.type == "latch") return "latch status";
  if (action.type == "http") return "call " + action.call + " " + action.targetKind + " " + action.targetName;
  const object = changetype<AnyObject>(action.object);
  let text = action.type + " " + object.kind + " " + object.metadata.name;
  for (let i = 0; i < action.released.length; i++) text += " releasing " + action.released[i];
  return text;
}
