/**
 * Answers a core's open questions: exactly one of value, absent, unobserved. "Could not be observed" is never "empty".
 */
import type { Call } from "../../bindings/protocol/manifest.ts";
import type { Answer, HttpCall, Question } from "../../bindings/protocol/types.ts";
import { TransportError } from "../platform/platform.ts";
import { ApiError, type CachedObject, keyOf } from "./contracts.ts";
import { type Declarations, type DeclaredKind, namespaceFor } from "./declarations.ts";
import type { Reads } from "./dependencies.ts";
import type { Lookup, View } from "./view.ts";

/** Makes declared calls to Pods and Services. */
export interface Caller {
  /** Any HTTP status is an answer. Throws TransportError, and ApiError when the way there refuses. */
  call(request: CallRequest): Promise<{ status: number; body: string }>;
}
export interface CallRequest {
  readonly call: Call;
  readonly target: CachedObject;
  readonly body?: string;
  readonly clientCertificate?: string;
  /** Longest time for it; never more than the declaration's. */
  readonly timeoutMs: number;
}

/** Objects in a list that names no limit of its own. */
export const LIST_LIMIT = 1000;
const BODY_CHARS_MAX = 1 << 20;

export interface AnswerContext {
  readonly declarations: Declarations;
  readonly view: View;
  readonly primary: CachedObject;
  readonly caller: Caller | undefined;
}

/** What was read, as it grows during one decision. */
export interface ReadsSoFar { objects: Reads["objects"][number][]; lists: Reads["lists"][number][] }

/** The answer's JSON text; a promise only when something must be waited for. Notes what was read. */
export function answer(question: Question, context: AnswerContext, reads: ReadsSoFar): string | Promise<string> {
  if (question.type === "http") return answerHttp(question.call, context);
  const asked = question.type === "get" ? question.target : question;
  const kind = context.declarations.kind(asked);
  if (kind === undefined) return unobserved("Undeclared");
  if (question.type === "list") {
    const { selector, limit = LIST_LIMIT } = question;
    const namespace = kind.ref.namespaced && question.namespace !== "" ? question.namespace : undefined;
    if (secretElsewhere(kind, namespace, context)) return unobserved("OtherNamespace");
    if (!context.declarations.covers(kind, namespace)) return unobserved("NamespaceNotWatched");
    reads.lists.push({ kind, namespace, selector });
    const found = context.view.list(kind, namespace, selector, limit);
    return found instanceof Promise ? found.then((list) => listText(kind, list), failed) : listText(kind, found);
  }
  const namespace = namespaceFor(kind, question.target.namespace, context.primary);
  if (secretElsewhere(kind, namespace, context)) return unobserved("OtherNamespace");
  if (!context.declarations.covers(kind, namespace)) return unobserved("NamespaceNotWatched");
  reads.objects.push({ kind, key: keyOf(namespace, question.target.name) });
  const found = context.view.object(kind, namespace, question.target.name);
  return found instanceof Promise ? found.then((object) => objectText(kind, object), failed) : objectText(kind, found);
}

/** A core must not read, for one tenant's object, the Secrets of another. */
function secretElsewhere(kind: DeclaredKind, namespace: string | undefined, context: AnswerContext): boolean {
  return kind.projection.secret && context.primary.ref.namespace !== undefined && namespace !== context.primary.ref.namespace;
}

export function unobserved(reason: string, more: { httpStatus?: number; body?: string } = {}): string {
  return JSON.stringify({ state: "unobserved", reason, ...more } satisfies Answer);
}

const ABSENT = JSON.stringify({ state: "absent" } satisfies Answer);

function objectText(kind: DeclaredKind, found: Lookup): string {
  if (found.state === "unobserved") return unobserved(found.reason);
  return found.state === "absent" ? ABSENT : `{"state":"value","value":${found.object.text(kind.projection)}}`;
}

function listText(kind: DeclaredKind, found: Awaited<ReturnType<View["list"]>>): string {
  if (found.state === "unobserved") return unobserved(found.reason);
  return `{"state":"value","value":[${found.objects.map((object) => object.text(kind.projection)).join(",")}]}`;
}

/** Why something could not be read, in one word for machines. */
function failed(error: unknown): string {
  if (error instanceof ApiError) return unobserved(error.reason, { httpStatus: error.status });
  if (error instanceof TransportError) return unobserved(error.failure);
  throw error;
}

/** As `failed`; of a call, the sentence for people comes with it. */
function callFailed(error: unknown): string {
  if (error instanceof ApiError) return unobserved(error.reason, { httpStatus: error.status, body: error.message.slice(0, 4096).toWellFormed() });
  if (error instanceof TransportError) return unobserved(error.failure, { body: error.message.slice(0, 4096).toWellFormed() });
  throw error;
}

async function answerHttp(call: HttpCall, context: AnswerContext): Promise<string> {
  const declared = context.declarations.calls.get(call.name);
  if (declared === undefined) return unobserved("Undeclared");
  // An answer may be asked for again and again: what changes something is an action.
  if (declared.effect !== "read") return unobserved("NotARead");
  const target = ownTarget(call, declared, context.declarations, context.view, context.primary);
  if (target === undefined) return unobserved("NotOwned");
  if (context.caller === undefined) return unobserved("NoCaller");
  const problem = certificateProblem(call, declared, context.primary);
  if (problem !== undefined) return unobserved("Refused", { body: problem });
  try {
    const { status, body } = await context.caller.call(callRequest(call, declared, target));
    if (status < 200 || status > 299) return unobserved(`HTTP${status}`, { httpStatus: status, body: body.slice(0, 4096).toWellFormed() });
    if (body.length > BODY_CHARS_MAX) return unobserved("BodyTooLarge", { httpStatus: status });
    // One string, whatever it holds: the core's codec reads it, so no digit is lost on the way.
    return `{"state":"value","value":${JSON.stringify(body.toWellFormed())}}`;
  } catch (error) {
    return callFailed(error);
  }
}

export function callRequest(call: HttpCall, declared: Call, target: CachedObject): CallRequest {
  const { body, clientCertificate } = call;
  const request: CallRequest = { call: declared, target, timeoutMs: declared.timeoutMs };
  return { ...request, ...(body === undefined ? {} : { body }), ...(clientCertificate === undefined ? {} : { clientCertificate }) };
}

/** What is wrong with the certificate that a call presents, or doesn't; with the fix. */
export function certificateProblem({ name, target, clientCertificate }: HttpCall, declared: Call, primary: CachedObject): string | undefined {
  const isDeclared = declared.clientCertificate === true;
  if (clientCertificate === undefined) return isDeclared ? `call ${name}: name the Secret with the client certificate that operator.yaml declares` : undefined;
  if (!isDeclared) return `call ${name} presents the client certificate ${clientCertificate}: declare 'clientCertificate: true' for it in operator.yaml`;
  const elsewhere = target.namespace !== undefined && target.namespace !== primary.ref.namespace;
  return elsewhere ? `call ${name}: the Secret ${clientCertificate} would be another namespace's than that of its primary` : undefined;
}

/** The Pod or Service that a call names, if it is one of the primary's own. */
export function ownTarget(
  call: HttpCall, declared: Call, declarations: Declarations, view: View, primary: CachedObject,
): CachedObject | undefined {
  const kind = declarations.kind({ apiVersion: "v1", kind: declared.targetKind });
  if (kind?.owned === undefined || call.target.kind !== declared.targetKind) return undefined;
  const namespace = namespaceFor(kind, call.target.namespace, primary);
  return view.owned(kind).find((object) => object.ref.name === call.target.name && object.ref.namespace === namespace);
}
