/**
 * The protocol's own types as the core reads them. They stand at the start of every operator's table, so that the SDK
 * (assembly/sdk/wire.ts, assembly/abi/observed-reader.ts) knows their places. `wire.test.ts` holds the three together.
 */
import type { FieldDef, TypeDef, TypeRef } from "../../protocol/manifest.ts";

const text: FieldDef = { type: { scalar: "string" } };
const needed: FieldDef = { type: { scalar: "string" }, required: true };

export const WIRE_TYPES: { [name: string]: TypeDef } = {
  ResultTarget: { fields: { type: needed, apiVersion: text, kind: text, namespace: text, name: text } },
  Result: { fields: { action: { type: { object: "ResultTarget" }, required: true }, outcome: needed, reason: text, message: text } },
  TypeMeta: { fields: { apiVersion: text, kind: text } },
  AnswerWire: {
    fields: { state: needed, value: { type: { scalar: "json" } }, reason: text, httpStatus: { type: { scalar: "integer" } }, body: text },
  },
};

/** References at fixed places, two units each, from unit 6 on. */
export const WIRE_REFS: TypeRef[] = [
  { list: { scalar: "string" }, listType: "atomic" },
  { list: { object: "Result" }, listType: "atomic" },
  { map: { object: "AnswerWire" } },
];
/** Units in which the table says where its list of kinds is, and which types the primary and its status have. */
export const AT_KINDS = 12;
export const AT_PRIMARY = 13;
export const AT_STATUS = 14;
/** And where TypeMeta is. */
export const AT_TYPE_META = 15;
