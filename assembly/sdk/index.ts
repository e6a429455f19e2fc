/** What a rule may use. Generated code passes it on, so that authors import from one place: "./generated". */
export { bool_, Bool, float, Float, floatOr, int, Int, intOr, IntOrString, intOrString, isTrue, no, sameInt, stringOrInt, textOr, yes } from "./values";
export { Dict, includesLabels, labels, sameLabels } from "./dict";
export { Json, json, readJson } from "./json";
export { Answer } from "./answer";
export { Observed } from "./observed";
export { Action, Plan } from "./plan";
export { getQuestion, httpQuestion, listQuestion, Question } from "./question";
export { AnswerWire, Result, ResultTarget } from "./wire";
export { findCondition, isConditionTrue, withCondition } from "./conditions";
export { formatSeconds, formatTime, millisecondsBetween, NO_TIME, parseTime } from "./time";
export { compareQuantities, isQuantity } from "./quantity";
