/**
 * The answer to a question: exactly one of value, absent, unobserved. There is no fourth, and "could not be observed" is
 * never "empty". A question that is still open reads as unobserved; a plan made then is not executed, so code goes
 * straight on.
 */
export class Answer<T> {
  isValue: bool;
  isAbsent: bool;
  isUnobserved: bool;
  /** Why there is none: a sentence for people. Empty for a value. */
  reason: string;
  /** Of an HTTP call that was answered, but not with success; 0 otherwise. */
  httpStatus: i32;
  /** What came with it. */
  body: string;
  /** Use `value`. */
  found: T | null;

  /** The value. Ask `isValue` first: taking it from another answer ends the pass. */
  get value(): T {
    const found = this.found;
    if (found === null) throw new Error("an answer without a value was used; ask isValue first: " + this.reason);
    return found;
  }

  static of<T>(value: T): Answer<T> {
    return { isValue: true, isAbsent: false, isUnobserved: false, reason: "", httpStatus: 0, body: "", found: value };
  }
  static absent<T>(): Answer<T> {
    return { isValue: false, isAbsent: true, isUnobserved: false, reason: "it does not exist", httpStatus: 0, body: "", found: null };
  }
  static unobserved<T>(reason: string, httpStatus: i32 = 0, body: string = ""): Answer<T> {
    return { isValue: false, isAbsent: false, isUnobserved: true, reason, httpStatus, body, found: null };
  }
}
