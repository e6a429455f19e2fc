/**
 * The canonical text of a question: its id, under which the answer is found in `Observed.answers`. The SDK composes the
 * same text (assembly/sdk/question.ts); a host must not accept a question whose id is another.
 */
import type { ObjectRef, Question } from "./types.ts";

/** A question before it has its id. */
export type QuestionBody =
  | Omit<Extract<Question, { type: "get" }>, "id">
  | Omit<Extract<Question, { type: "list" }>, "id">
  | Omit<Extract<Question, { type: "http" }>, "id">;

/**
 *     get apps/v1 Deployment default/web            cluster-scoped: get v1 Node node-1
 *     list v1 Pod default?app=web limit=50          all namespaces: list v1 Pod ?app=web
 *     http memberList Pod default/db-0 - {}         with a client certificate: ... db-0 db-client-tls {}
 *
 * How often it wants to be asked (`pollMs`) is no part of it.
 */
export function questionId(question: QuestionBody): string {
  switch (question.type) {
    case "get":
      return `get ${question.target.apiVersion} ${question.target.kind} ${placeOf(question.target)}`;
    case "list": {
      const limit = question.limit === undefined ? "" : ` limit=${question.limit}`;
      return `list ${question.apiVersion} ${question.kind} ${question.namespace ?? ""}?${question.selector}${limit}`;
    }
    case "http": {
      const { name, target, body, clientCertificate } = question.call;
      const sent = body === undefined ? "" : ` ${body}`;
      return `http ${name} ${target.kind} ${placeOf(target)} ${clientCertificate ?? "-"}${sent}`;
    }
  }
}

function placeOf({ namespace, name }: ObjectRef): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}
