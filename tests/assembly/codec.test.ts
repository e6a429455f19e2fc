/**
 * Fuzz of the codec, on a core that gives back what it is given (echo/). Whatever comes in: no trap, no silent loss, and a
 * refusal names the place. FUZZ_SECONDS sets how long (default 3), SEED where to start.
 */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { parseJson } from "../../bindings/protocol/json.ts";
import type { Json, JsonObject, Plan } from "../../bindings/protocol/types.ts";
import { podText } from "../bench/core/pods.ts";
import { buildTestCore } from "./build.ts";
import type { TestCore } from "./build.ts";
import { Dice, RandomJson } from "./random-json.ts";

const SECONDS = Number(process.env["FUZZ_SECONDS"] ?? 3);
const SEED = Number(process.env["SEED"] ?? Date.now() % 1_000_000);

let echo: TestCore;
before(async () => { echo = await buildTestCore("tests/assembly/echo"); });

const HEAD = `{"protocol":1,"mode":"reconcile","now":"2026-01-01T00:00:00.000Z","primary":{"apiVersion":"test.toque.dev/v1","kind":"Echo","metadata":{"name":"e","namespace":"n"}`;
/** An Observed around a status (`value`: the text of its only field), owned objects and more. */
function observed(value: string | undefined, owned: string[] = [], rest = ""): string {
  const status = value === undefined ? "" : `,"status":{"value":${value}}`;
  return `${HEAD}${status}},"owned":[${owned.join(",")}],"strays":[],"answers":{},"lastResults":[]${rest}}`;
}
function passOf(text: string): Plan & JsonObject {
  const outcome = echo.core.reconcile(text);
  assert.ok(outcome.ok, `${outcome.ok ? "" : outcome.error.message}\n${text.slice(0, 2000)}`);
  return parseJson(outcome.plan) as unknown as Plan & JsonObject;
}
/** What came back of a status value; undefined when the pass was refused. */
function echoed(value: string): Json | undefined {
  const plan = passOf(observed(value));
  return plan.verdict === "refused" ? undefined : (plan.status as { value: Json }).value;
}
function refusal(value: string): string {
  const plan = passOf(observed(value));
  assert.equal(plan.verdict, "refused", `not refused: ${value.slice(0, 200)}`);
  assert.equal(plan.reason, "InvalidObject");
  assert.deepEqual(plan.actions, []);
  return plan.message!;
}
const wrapped = (field: string, text: string): string => `{"name":"x","needed":1,"${field}":${text}}`;
/** Runs `body` with seeds until the time is up; a failure says which. */
function fuzz(seconds: number, body: (seed: number) => void): void {
  const end = performance.now() + seconds * 1000;
  for (let seed = SEED, runs = 0; runs < 20 || performance.now() < end; seed++, runs++) {
    try {
      body(seed);
    } catch (error) {
      throw new Error(`seed ${seed}: SEED=${seed} node --test tests/assembly/codec.test.ts`, { cause: error });
    }
  }
}

describe("round trips", () => {
  it("random values of all types", () => {
    fuzz(SECONDS / 3, (seed) => {
      const random = new RandomJson(seed, echo.manifest.types);
      const sample = random.of({ object: "EchoStatusValue" });
      assert.deepEqual(echoed(sample.text), sample.value, sample.text);
    });
  });

  it("lists that the author made longer", () => {
    for (let count = 0; count < 20; count++) {
      const texts = Array.from({ length: count }, (_, n) => `"${n}"`);
      const value = echoed(`{"name":"x","needed":1,"text":"make it longer","texts":[${texts.join(",")}],"grid":[[${count}]]}`) as { texts: string[]; grid: Json[] };
      assert.deepEqual(value.texts, [...Array.from({ length: count }, (_, n) => String(n)), ...Array.from({ length: 50 }, (_, n) => `t${n}`)]);
      assert.deepEqual(value.grid, new Array(51).fill([count]));
    }
  });

  it("random Kubernetes objects", () => {
    fuzz(SECONDS / 3, (seed) => {
      const random = new RandomJson(seed, echo.manifest.types);
      const kinds = [["v1", "Pod"], ["apps/v1", "Deployment"], ["v1", "ConfigMap"]].slice(0, 1 + random.dice.below(3));
      const samples = kinds.map(([apiVersion, kind]) => random.object(kind!, {
        apiVersion: { text: JSON.stringify(apiVersion), value: apiVersion! }, kind: { text: JSON.stringify(kind), value: kind! },
        metadata: random.object("ObjectMeta", { name: { text: `"o"`, value: "o" }, namespace: { text: `"n"`, value: "n" } }),
        ...(kind === "ConfigMap" ? {} : { spec: random.object(`${kind}Spec`, {}, 1), status: random.object(`${kind}Status`, {}, 1) }),
      }));
      const plan = passOf(observed(undefined, samples.map((sample) => sample.text)));
      const objects = plan.actions.map((action) => (action as unknown as { object: Json }).object);
      assert.deepEqual(objects, samples.map((sample) => withoutEmptyStatus(sample.value)), plan.message);
    });
  });

  it("a Pod of a real API server, field by field", () => {
    const plan = passOf(observed(undefined, [podText(0), podText(1)]));
    const objects = plan.actions.map((action) => (action as unknown as { object: JsonObject }).object);
    assert.deepEqual(objects, [0, 1].map((index) => known(JSON.parse(podText(index)) as JsonObject)));
  });

  it("64-bit integers", () => {
    for (const text of ["9223372036854775807", "-9223372036854775808", "9007199254740993", "-1", "0"]) {
      assert.equal(String((echoed(wrapped("int", text)) as JsonObject)["int"]), text);
    }
    assert.equal((echoed(wrapped("int", "-0")) as JsonObject)["int"], 0);
  });

  it("doubles, to the last bit and in JavaScript's spelling", () => fuzz(SECONDS / 6, checkDoubles));

  it("huge strings, and many of them", () => {
    const long = "x".repeat(400_000) + "\\u0041\\\"" + "é".repeat(1000);
    assert.equal((echoed(wrapped("text", `"${long}"`)) as JsonObject)["text"], JSON.parse(`"${long}"`));
    const many = Array.from({ length: 5000 }, (_, i) => `"k${i}":"v${i}"`);
    assert.equal(Object.keys((echoed(wrapped("labels", `{${many.join(",")}}`)) as { labels: object }).labels).length, 5000);
  });
});

function checkDoubles(seed: number): void {
  const dice = new Dice(seed);
  const bits = new DataView(new ArrayBuffer(8));
  const values: number[] = [0.1, 1 / 3, 2 ** 53 + 2, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 9007199254740993, 1e23, 8.5e22, 123456789012345680000, 1e21, 1e-6, 1e-7, 1879037583360143.25, 1879037583360143.75];
  while (values.length < 60) {
    bits.setUint32(0, dice.below(4294967296));
    bits.setUint32(4, dice.below(4294967296));
    if (Number.isFinite(bits.getFloat64(0))) values.push(bits.getFloat64(0));
  }
  const texts = values.map((value) => dice.pick([String(value), value.toExponential(30), value.toPrecision(17)]));
  // Just below a tie, on it, and just above.
  texts.push("9007199254740992.99999999999999999999999999999999999999999999999999999999999", `9007199254740993.${"0".repeat(900)}`, `9007199254740993.${"0".repeat(900)}1`);
  const outcome = echo.core.reconcile(observed(wrapped("floats", `[${texts.join(",")}]`)));
  assert.ok(outcome.ok, JSON.stringify(outcome));
  const [, behind] = outcome.plan.split('"floats":[');
  assert.deepEqual(behind!.slice(0, behind!.indexOf("]")).split(","), texts.map((text) => String(Number(text))));
}

/** An empty status is none. */
function withoutEmptyStatus(value: Json): Json {
  const { status, ...rest } = value as JsonObject;
  return status === undefined || Object.keys(status as object).length === 0 ? rest : { ...rest, status };
}
/** As the codec keeps it: nulls and what was not declared are gone. */
function known(object: JsonObject): JsonObject {
  return JSON.parse(JSON.stringify(object, (key, value: unknown) => (value === null || key === "resourceVersion" ? undefined : value))) as JsonObject;
}

describe("refusals", () => {
  const found: [field: string, text: string, message: string][] = [
    ["int", `"3"`, "primary.status.value.int: expected integer, found string"],
    ["int", "1.0", "primary.status.value.int: expected integer, found 1.0"],
    ["int", "1e3", "primary.status.value.int: expected integer, found 1e3"],
    ["int", "9223372036854775808", "primary.status.value.int: expected integer, found 9223372036854775808"],
    ["int", "-9223372036854775809", "primary.status.value.int: expected integer, found -9223372036854775809"],
    ["int", "true", "primary.status.value.int: expected integer, found boolean"],
    ["float", `"1"`, "primary.status.value.float: expected number, found string"],
    ["float", "1e999", "primary.status.value.float: expected number of 64 bits, found 1e999"],
    ["flag", "1", "primary.status.value.flag: expected boolean, found 1"],
    ["text", "{}", "primary.status.value.text: expected string, found object"],
    ["texts", `["a",null]`, "primary.status.value.texts[1]: expected string, found null"],
    ["texts", `"a"`, "primary.status.value.texts: expected list, found string"],
    ["labels", `{"a":"b","c":3}`, "primary.status.value.labels.c: expected string, found 3"],
    ["labels", "[]", "primary.status.value.labels: expected map, found list"],
    ["labels", `{"b":"1","a":"2","b":"3"}`, "primary.status.value.labels: expected one value, found the key b twice"],
    ["port", "1.5", "primary.status.value.port: expected integer or string, found 1.5"],
    ["inner", "[]", "primary.status.value.inner: expected object, found list"],
    ["inner", "{}", "primary.status.value.inner.name: expected a value, found nothing"],
    ["inner", `{"name":null}`, "primary.status.value.inner.name: expected string, found null"],
    ["inner", `{"name":"a","name":"b"}`, "primary.status.value.inner.name: expected one value, found the key twice"],
    ["inner", `{"name":"a","a":null,"a":"b"}`, "primary.status.value.inner.a: expected one value, found the key twice"],
    ["items", `[{"name":"a"},{"name":"b","count":{}}]`, "primary.status.value.items[1].count: expected integer, found object"],
    ["grid", `[[1],[2,"x"]]`, "primary.status.value.grid[1][1]: expected integer, found string"],
    ["byName", `{"a":{"count":1},"b":{"count":"x"}}`, "primary.status.value.byName.b.count: expected integer, found string"],
    ["text", `"\\ud800"`, "primary.status.value.text: expected well-formed Unicode, found a lone surrogate"],
    ["text", `"\\udc00\\ud800"`, "primary.status.value.text: expected well-formed Unicode, found a lone surrogate"],
    ["text", `"a\ud83d"`, "primary.status.value.text: expected well-formed Unicode, found a lone surrogate"],
    ["labels", `{"\\ud800":"a"}`, "primary.status.value.labels: expected well-formed Unicode, found a lone surrogate"],
    ["labels", `{"\ud800":"a"}`, "primary.status.value.labels: expected well-formed Unicode, found a lone surrogate"],
    ["inner", `{"\ud800":1,"name":"a"}`, "primary.status.value.inner: expected well-formed Unicode, found a lone surrogate"],
    ["any", `{"a":["\\ud800"]}`, "primary.status.value.any: expected well-formed Unicode, found a lone surrogate"],
  ];
  for (const [field, text, message] of found) it(message, () => assert.equal(refusal(wrapped(field, text)), message));

  it("counts what else is wrong", () => {
    assert.equal(refusal(`{"name":1,"needed":"x","int":true}`), "primary.status.value.name: expected string, found 1 (and 2 more)");
  });

  it("names the object in lists of objects, and reads on", () => {
    const bad = podText(1).replace(`"generation":1`, `"generation":"1"`);
    assert.equal(passOf(observed(undefined, [podText(0), bad])).message, "owned[1].metadata.generation: expected integer, found string");
    assert.match(passOf(observed(undefined, [`{"apiVersion":"v2","kind":"Pod"}`])).message!, /^owned\[0\]: expected an object of a kind in `owns`/);
  });

  it("another protocol", () => {
    assert.equal(passOf(observed(undefined).replace(`"protocol":1`, `"protocol":2`)).message, "observed: expected protocol 1, found another");
  });

  for (const depth of [20, 95]) {
    it(`nesting of ${depth} is fine`, () => assert.notEqual(echoed(wrapped("any", "[".repeat(depth) + "]".repeat(depth))), undefined));
  }
  for (const depth of [101, 5000, 300_000]) {
    it(`nesting of ${depth} is not`, () => {
      assert.match(refusal(wrapped("any", "[".repeat(depth) + "]".repeat(depth))), /nested deeper than 100 at offset \d+$/);
      assert.match(refusal(wrapped("unknown", `{"a":`.repeat(depth))), /nested deeper than 100/);
    });
  }
});

describe("texts that are no JSON", () => {
  it("truncated at every unit", () => {
    const whole = observed(new RandomJson(4, echo.manifest.types).of({ object: "EchoStatusValue" }).text, [podText(0)]);
    for (let length = 0; length < whole.length; length += length < 1500 ? 1 : 7) {
      const plan = passOf(whole.slice(0, length));
      assert.equal(plan.verdict, "refused", `cut at ${length}`);
      assert.match(plan.message!, /offset \d+$|expected|unexpected/, `cut at ${length}`);
    }
  });

  it("mutated anywhere: refused when it is no JSON, and nothing lost when it is", () => {
    fuzz(SECONDS / 3, (seed) => {
      const random = new RandomJson(seed, echo.manifest.types);
      const { text } = random.of({ object: "EchoStatusValue" });
      const mutated = mutate(text, random.dice);
      const back = echoed(mutated);
      let parsed: Json;
      try {
        parsed = parseJson(mutated);
      } catch {
        assert.equal(back, undefined, `accepted: ${mutated}`);
        return;
      }
      if (back !== undefined) assertPartOf(back, parsed, "value");
    });
  });

  it("answers that can't be read are unobserved, not a trap", () => {
    const ask = (answers: string): Plan => passOf(observed(undefined).replace(`"metadata":{"name":"e","namespace":"n"}`, `"metadata":{"name":"e","namespace":"n"},"spec":{"question":"c"}`).replace(`"answers":{}`, `"answers":${answers}`));
    const id = "get v1 ConfigMap n/c";
    assert.deepEqual(ask("{}").questions.map((question) => question.id), [id, "list v1 Pod n?a=b limit=5"]);
    assert.equal(ask(`{"${id}":{"state":"absent"}}`).reason, "Absent");
    assert.equal(ask(`{"${id}":{"state":"unobserved","reason":"it is dark"}}`).message, "it is dark");
    assert.equal(ask(`{"${id}":{"state":"value","value":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":7}}}}`).message, `${id}.metadata.name: expected string, found 7`);
    const plan = ask(`{"${id}":{"state":"value","value":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"a":"b"}}},"list v1 Pod n?a=b limit=5":{"state":"value","value":[${podText(3)}]}}`);
    assert.deepEqual(plan.questions, []);
    assert.deepEqual(plan.actions.map((action) => action.reason), ["Answered", "Listed", "Patched"]);
  });
});

function mutate(text: string, dice: Dice): string {
  const at = dice.below(text.length);
  switch (dice.below(4)) {
    case 0: return text.slice(0, at) + text.slice(at + 1 + dice.below(4));
    case 1: return text.slice(0, at) + dice.pick(["\"", "\\", "{", "}", "[", "]", ",", ":", "0", "-", "e", ".", "null", "true", " ", "\u0000", "\ud800", "\n"]) + text.slice(at);
    case 2: return text.slice(0, at) + String.fromCharCode(dice.below(dice.chance(0.8) ? 128 : 65536)) + text.slice(at + 1);
    default: {
      const from = dice.below(text.length);
      return text.slice(0, at) + text.slice(from, from + dice.below(20)) + text.slice(at);
    }
  }
}

/** Everything in `back` is in `sent`, unchanged: the codec makes nothing up and alters nothing. */
function assertPartOf(back: Json, sent: Json, path: string): void {
  if (Array.isArray(back)) {
    assert.equal(back.length, (sent as Json[]).length, path);
    back.forEach((item, i) => assertPartOf(item, (sent as Json[])[i]!, `${path}[${i}]`));
  } else if (typeof back === "object" && back !== null) {
    for (const [key, item] of Object.entries(back)) assertPartOf(item, (sent as JsonObject)[key]!, `${path}.${key}`);
  } else {
    // A double may come back spelt as a wide integer (1e19), and -0 as 0: the same number.
    const same = back === sent || (typeof back === "bigint" && typeof sent === "number" && Number(back) === sent);
    assert.ok(same, `${path}: ${String(back)} for ${String(sent)}`);
  }
}
