/** What a pass may know. Generated subclasses add a typed face: `MyAppObserved.deployments`. */
import { begin, encode, end } from "../abi/encode";
import { problem, readText } from "../abi/reader";
import { Envelope, kindCount, readObserved } from "../abi/observed-reader";
import { Answer } from "./answer";
import { Dict } from "./dict";
import { AnyObject, findObject } from "./objects";
import { getQuestion, httpQuestion, listQuestion, Question } from "./question";
import { Int } from "./values";
import { AnswerWire, Result } from "./wire";

export class Observed {
  /** "reconcile", or "admit": a change is to be judged before it is stored. */
  mode: string = "reconcile";
  /** RFC 3339, UTC, with milliseconds. The only clock there is. */
  now: string = "";
  /** What became of the actions of the last pass. Advisory: empty after a restart of the host. */
  lastResults: Result[] = [];
  /** Open questions so far. */
  questions: Question[] = [];
  answers: Dict<AnswerWire> = new Dict<AnswerWire>();
  primaryObject: usize = 0;
  oldObject: usize = 0;
  /** One array per kind in `owns`. */
  owned: usize[][] = [];
  strays: usize[][] = [];

  constructor() {
    for (let i = 0; i < kindCount(); i++) {
      this.owned.push([]);
      this.strays.push([]);
    }
  }

  /** Reads the host's text. Returns what is wrong with it; then nothing of it may be used. */
  read(start: usize, units: usize): string | null {
    const envelope = changetype<Envelope>(__new(offsetof<Envelope>(), 1));
    memory.fill(changetype<usize>(envelope), 0, offsetof<Envelope>());
    readObserved(start, units, envelope, this.owned, this.strays);
    const wrong = problem();
    if (wrong !== null) return wrong;
    if (envelope.protocol == 0 || changetype<Int>(envelope.protocol).value != 1) return "observed: expected protocol 1, found another";
    if (envelope.primary == 0) return "observed.primary: expected a value, found nothing";
    this.primaryObject = envelope.primary;
    this.oldObject = envelope.old;
    if (envelope.now != 0) this.now = changetype<string>(envelope.now);
    if (envelope.mode != 0) this.mode = changetype<string>(envelope.mode);
    if (envelope.answers != 0) this.answers = changetype<Dict<AnswerWire>>(envelope.answers);
    if (envelope.lastResults != 0) this.lastResults = changetype<Result[]>(envelope.lastResults);
    return null;
  }

  /** The primary's namespace; null if it is cluster-scoped. */
  get namespace(): string | null {
    return changetype<AnyObject>(this.primaryObject).metadata.namespace;
  }

  /** The object of a kind that was observed under this name; 0 if none was. */
  findOwned(kind: i32, name: string, namespace: string | null): usize {
    return findObject(this.owned[kind], name, namespace);
  }
  findStray(kind: i32, name: string, namespace: string | null): usize {
    return findObject(this.strays[kind], name, namespace);
  }

  askGet<T>(ref: u32, apiVersion: string, kind: string, namespace: string | null, name: string): Answer<T> {
    return this.ask<T>(ref, getQuestion(apiVersion, kind, namespace, name));
  }
  askList<T>(ref: u32, apiVersion: string, kind: string, namespace: string | null, selector: string, limit: i32): Answer<T> {
    return this.ask<T>(ref, listQuestion(apiVersion, kind, namespace, selector, limit));
  }
  /** The answer to an http question is the body, as text. */
  askHttp(call: string, kind: string, namespace: string | null, name: string, body: string | null, certificate: string | null): Answer<string> {
    return this.ask<string>(0, httpQuestion(call, kind, namespace, name, body, certificate));
  }

  /** For tests: puts the answer to a question there, as the host would. 0: it does not exist. */
  prepare(question: Question, ref: u32, value: usize): void {
    const answer: AnswerWire = { state: value == 0 ? "absent" : "value" };
    if (value != 0) {
      begin();
      encode(ref, value);
      answer.value = { text: end() };
    }
    this.answers.set(question.id, answer);
  }

  /** The answer, if it is there; otherwise the question stays open. */
  private ask<T>(ref: u32, question: Question): Answer<T> {
    const wire = this.answers.get(question.id);
    if (wire === null) {
      for (let i = 0; i < this.questions.length; i++) {
        if (this.questions[i].id == question.id) return Answer.unobserved<T>(PENDING);
      }
      this.questions.push(question);
      return Answer.unobserved<T>(PENDING);
    }
    if (wire.state == "absent") return Answer.absent<T>();
    const value = wire.value;
    if (wire.state != "value" || value === null) {
      const reason = wire.reason;
      const status = wire.httpStatus;
      const body = wire.body;
      return Answer.unobserved<T>(
        reason === null ? "the host did not say why" : reason,
        status === null ? 0 : <i32>status.value, body === null ? "" : body,
      );
    }
    const reading = readText(value.text, ref, question.id);
    const failure = reading.failure;
    // Something that can't be read was not observed. The rule goes on as for any other silence.
    if (failure !== null) return Answer.unobserved<T>(failure);
    return Answer.of<T>(changetype<T>(reading.value));
  }
}

const PENDING: string = "the question is open";
