/** Questions: what a rule needs to know beyond what it was given. The host answers, and the pass runs again. */
import { raw, quote, integer } from "../abi/encode";

export class Question {
  /** Canonical text; the same on the host's side (bindings/protocol/question.ts). */
  id: string;
  /** get, list, http */
  type: string;
  apiVersion: string;
  kind: string;
  namespace: string | null;
  /** Of the object or the call's target; empty for lists. */
  name: string;
  selector: string;
  /** 0: the host's. */
  limit: i32;
  /** Of an http question: the name in `calls`. */
  call: string;
  body: string | null;
  clientCertificate: string | null;
  /** How often it wants to be asked, in milliseconds; 0: the host's choice. */
  pollMs: i32;
}

export function getQuestion(apiVersion: string, kind: string, namespace: string | null, name: string): Question {
  return {
    id: "get " + apiVersion + " " + kind + " " + place(namespace, name),
    type: "get", apiVersion, kind, namespace, name, selector: "", limit: 0, call: "", body: null, clientCertificate: null, pollMs: 0,
  };
}

export function listQuestion(apiVersion: string, kind: string, namespace: string | null, selector: string, limit: i32): Question {
  const where = namespace === null ? "" : namespace;
  const most = limit > 0 ? " limit=" + limit.toString() : "";
  return {
    id: "list " + apiVersion + " " + kind + " " + where + "?" + selector + most,
    type: "list", apiVersion, kind, namespace, name: "", selector, limit, call: "", body: null, clientCertificate: null, pollMs: 0,
  };
}

export function httpQuestion(call: string, kind: string, namespace: string | null, name: string, body: string | null, clientCertificate: string | null): Question {
  const certificate = clientCertificate === null ? "-" : clientCertificate;
  const sent = body === null ? "" : " " + body;
  return {
    id: "http " + call + " " + kind + " " + place(namespace, name) + " " + certificate + sent,
    type: "http", apiVersion: "v1", kind, namespace, name, selector: "", limit: 0, call, body, clientCertificate, pollMs: 0,
  };
}

function place(namespace: string | null, name: string): string {
  return namespace === null ? name : namespace + "/" + name;
}

export function writeQuestion(question: Question): void {
  raw('{"type":"' + question.type + '","id":');
  quote(question.id);
  if (question.type == "get") {
    raw(',"target":');
    writeTarget(question.apiVersion, question.kind, question.namespace, question.name);
  } else if (question.type == "list") {
    raw(',"apiVersion":');
    quote(question.apiVersion);
    raw(',"kind":');
    quote(question.kind);
    writeOptional(',"namespace":', question.namespace);
    raw(',"selector":');
    quote(question.selector);
    if (question.limit > 0) {
      raw(',"limit":');
      integer(question.limit);
    }
  } else {
    raw(',"call":');
    writeCall(question.call, question.kind, question.namespace, question.name, question.body, question.clientCertificate);
  }
  if (question.pollMs > 0) {
    raw(',"pollMs":');
    integer(question.pollMs);
  }
  raw("}");
}

/** An `ObjectRef`. */
export function writeTarget(apiVersion: string, kind: string, namespace: string | null, name: string): void {
  raw('{"apiVersion":');
  quote(apiVersion);
  raw(',"kind":');
  quote(kind);
  writeOptional(',"namespace":', namespace);
  raw(',"name":');
  quote(name);
  raw("}");
}

/** An `HttpCall`; its targets are Pods and Services, both of `v1`. */
export function writeCall(call: string, kind: string, namespace: string | null, name: string, body: string | null, clientCertificate: string | null): void {
  raw('{"name":');
  quote(call);
  raw(',"target":');
  writeTarget("v1", kind, namespace, name);
  writeOptional(',"body":', body);
  writeOptional(',"clientCertificate":', clientCertificate);
  raw("}");
}

export function writeOptional(key: string, value: string | null): void {
  if (value === null) return;
  raw(key);
  quote(value);
}
