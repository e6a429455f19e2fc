/**
 * The protocol's own types, in the codec's layout, and where every operator's table has them: at its start. The order
 * of the fields is that of WIRE_TYPES in bindings/codegen/emit/wire.ts, whose test compares.
 */
import { Int } from "./values";
import { Json } from "./json";

export class ResultTarget {
  type: string;
  apiVersion: string | null = null;
  kind: string | null = null;
  namespace: string | null = null;
  name: string | null = null;
}
/** What became of an action of the last pass. Advisory: there is none after a restart of the host. */
export class Result {
  action: ResultTarget;
  /** done, skipped, failed, abandoned */
  outcome: string;
  reason: string | null = null;
  message: string | null = null;
}
export class AnswerWire {
  state: string;
  value: Json | null = null;
  reason: string | null = null;
  httpStatus: Int | null = null;
  body: string | null = null;
}

