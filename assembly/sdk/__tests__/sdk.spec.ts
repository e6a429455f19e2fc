import { Answer } from "../answer";
import { findCondition, isConditionTrue, withCondition } from "../conditions";
import { Dict, includesLabels, labels, sameLabels } from "../dict";
import { json, readJson } from "../json";
import { AnyMeta, AnyObject } from "../objects";
import { Plan } from "../plan";
import { compareQuantities, isQuantity } from "../quantity";
import { getQuestion, httpQuestion, listQuestion } from "../question";
import { formatSeconds, formatTime, millisecondsBetween, NO_TIME, parseTime } from "../time";
import { Bool, Int, int, intOr, isTrue, no, sameInt, textOr, yes } from "../values";

class Condition {
  type: string;
  status: string;
  reason: string | null = null;
  lastTransitionTime: string | null = null;
}

describe("times", () => {
  it("are read with fractions and offsets", () => {
    expect(parseTime("1970-01-01T00:00:00Z")).toBe(0);
    expect(parseTime("2026-11-22T10:15:30.250Z")).toBe(1795342530250);
    expect(parseTime("2026-11-22T12:15:30.25+02:00")).toBe(1795342530250);
    expect(parseTime("1969-12-31T23:59:59.999999Z")).toBe(-1);
    expect(parseTime("2024-02-29T00:00:00Z")).toBe(1709164800000);
  });
  it("are none when they are none", () => {
    const none = ["", "2026-11-22", "2026-11-22T10:15:30", "2026-13-22T10:15:30Z", "2025-02-29T00:00:00Z", "2026-11-22T24:15:30Z", "2026-11-22T10:15:30.Z", "2026-11-22T10:15:30Zx", "2026-11-22 10:15:30Z"];
    for (let i = 0; i < none.length; i++) expect(parseTime(none[i])).toBe(NO_TIME, none[i]);
  });
  it("are written as they were read", () => {
    const times = ["1970-01-01T00:00:00.000Z", "2026-11-22T10:15:30.250Z", "2000-02-29T23:59:59.999Z", "1969-12-31T23:59:59.001Z", "2100-03-01T00:00:00.000Z"];
    for (let i = 0; i < times.length; i++) expect(formatTime(parseTime(times[i]))).toBe(times[i]);
    expect(formatSeconds(parseTime("2026-11-22T10:15:30.999Z"))).toBe("2026-11-22T10:15:30Z");
    expect(millisecondsBetween("2026-11-22T10:15:30Z", "2026-11-22T10:16:00Z")).toBe(30000);
    expect(millisecondsBetween("yesterday", "2026-11-22T10:16:00Z")).toBe(NO_TIME);
  });
});

describe("quantities", () => {
  it("compare by value, not by spelling", () => {
    expect(compareQuantities("1", "1000m")).toBe(0);
    expect(compareQuantities("1Gi", "1073741824")).toBe(0);
    expect(compareQuantities("1Gi", "1G")).toBe(1);
    expect(compareQuantities("500m", "0.5")).toBe(0);
    expect(compareQuantities("12e3", "12k")).toBe(0);
    expect(compareQuantities("1.5Ki", "1536")).toBe(0);
    expect(compareQuantities("9", "10")).toBe(-1);
    expect(compareQuantities("-1", "1")).toBe(-1);
    expect(compareQuantities("0", "-0")).toBe(0);
    expect(compareQuantities("0", "-1")).toBe(1);
    expect(compareQuantities("100n", "0.1u")).toBe(0);
    expect(compareQuantities("9007199254740993", "9007199254740992")).toBe(1);
  });
  it("are told from other text", () => {
    const none = ["", "-", "1.2.3", "1kk", "Gi", "1e", "1ki", "x", "1 "];
    for (let i = 0; i < none.length; i++) expect(isQuantity(none[i])).toBe(false, none[i]);
    expect(isQuantity(".5")).toBe(true);
    expect(isQuantity("1E")).toBe(true);
    expect(isQuantity("1E3")).toBe(true);
  });
});

describe("conditions", () => {
  it("keep their time while the status stays", () => {
    const old: Condition[] = [{ type: "A", status: "True", lastTransitionTime: "2020-01-01T00:00:00Z" }, { type: "B", status: "True", lastTransitionTime: "2020-01-01T00:00:00Z" }];
    const next = withCondition<Condition>(old, { type: "A", status: "True", reason: "Still" }, "2026-11-22T10:00:00.500Z");
    expect(next.length).toBe(2);
    expect(next[0].lastTransitionTime!).toBe("2020-01-01T00:00:00Z");
    expect(next[0].reason!).toBe("Still");
    expect(next[1].type).toBe("B");
  });
  it("move it when the status does, and keep their order", () => {
    const old: Condition[] = [{ type: "A", status: "True", lastTransitionTime: "2020-01-01T00:00:00Z" }, { type: "B", status: "True" }];
    const next = withCondition<Condition>(old, { type: "A", status: "False" }, "2026-11-22T10:00:00.500Z");
    expect(next[0].lastTransitionTime!).toBe("2026-11-22T10:00:00Z");
    expect(next[0].type).toBe("A");
    const first = withCondition<Condition>(null, { type: "C", status: "True" }, "2026-11-22T10:00:00.500Z");
    expect(isConditionTrue<Condition>(first, "C")).toBe(true);
    expect(isConditionTrue<Condition>(first, "D")).toBe(false);
    expect(findCondition<Condition>(null, "C") === null).toBe(true);
  });
});

describe("labels", () => {
  it("are the same in any order", () => {
    const a = labels([["app", "web"], ["tier", "front"]]);
    expect(sameLabels(a, labels([["tier", "front"], ["app", "web"]]))).toBe(true);
    expect(sameLabels(a, labels([["app", "web"]]))).toBe(false);
    expect(includesLabels(a, labels([["app", "web"]]))).toBe(true);
    expect(includesLabels(null, labels([["app", "web"]]))).toBe(false);
    expect(sameLabels(null, new Dict<string>())).toBe(true);
    expect(a.set("app", "db").get("app")!).toBe("db");
    expect(a.size).toBe(2);
    expect(a.get("nothing") === null).toBe(true);
  });
});

describe("boxes", () => {
  it("tell none from 0, false and empty", () => {
    expect(intOr(null, 7)).toBe(7);
    expect(intOr(int(0), 7)).toBe(0);
    expect(sameInt(null, null)).toBe(true);
    expect(sameInt(null, int(0))).toBe(false);
    expect(sameInt(int(3), int(3))).toBe(true);
    expect(isTrue(null)).toBe(false);
    expect(isTrue(yes)).toBe(true);
    expect(isTrue(no)).toBe(false);
    expect(textOr(null, "none")).toBe("none");
    expect(textOr("", "none")).toBe("");
  });
});

describe("answers", () => {
  it("are exactly one of three", () => {
    const value = Answer.of<string>("x");
    expect(value.isValue && !value.isAbsent && !value.isUnobserved).toBe(true);
    expect(value.value).toBe("x");
    const absent = Answer.absent<string>();
    expect(!absent.isValue && absent.isAbsent && !absent.isUnobserved).toBe(true);
    const unobserved = Answer.unobserved<string>("it is dark", 503, "later");
    expect(!unobserved.isValue && !unobserved.isAbsent && unobserved.isUnobserved).toBe(true);
    expect(unobserved.httpStatus).toBe(503);
  });
  throws("have no value unless they are one", () => {
    Answer.unobserved<string>("it is dark").value;
  });
});

describe("questions", () => {
  it("have canonical ids", () => {
    expect(getQuestion("apps/v1", "Deployment", "ns", "web").id).toBe("get apps/v1 Deployment ns/web");
    expect(getQuestion("v1", "Node", null, "node-1").id).toBe("get v1 Node node-1");
    expect(listQuestion("v1", "Pod", "ns", "app=web", 50).id).toBe("list v1 Pod ns?app=web limit=50");
    expect(listQuestion("v1", "Pod", null, "", 0).id).toBe("list v1 Pod ?");
    expect(httpQuestion("members", "Pod", "ns", "db-0", "{}", null).id).toBe("http members Pod ns/db-0 - {}");
    expect(httpQuestion("members", "Pod", "ns", "db-0", null, "tls").id).toBe("http members Pod ns/db-0 tls");
  });
});

function object(name: string, uid: string | null): AnyObject {
  const metadata = new AnyMeta();
  metadata.name = name;
  metadata.uid = uid;
  const result = new AnyObject();
  result.kind = "Pod";
  result.metadata = metadata;
  return result;
}
function address(value: AnyObject): usize {
  return changetype<usize>(value);
}

describe("plans", () => {
  it("read as a sentence", () => {
    const plan = new Plan();
    plan.addApply(0, true, address(object("db-1", null)), "MemberAdded");
    plan.addRelease("spec.replicas");
    plan.addTargeted("delete", 0, address(object("db-0", "u")), "Dead");
    plan.addCall("remove", "Pod", "db-0", null, null, "Removed");
    plan.conclude("progressing", "Progressing", "db-1 is starting");
    expect(plan.toString()).toBe("apply Pod db-1 releasing spec.replicas; delete Pod db-0; call remove Pod db-0; progressing: db-1 is starting");
    expect(new Plan().toString()).toBe("settled");
  });
  it("put a latch between what is before and what is behind", () => {
    const plan = new Plan();
    plan.addApply(0, true, address(object("a", null)), "First");
    plan.addLatch(1, "Latched");
    plan.addApply(0, true, address(object("b", null)), "Last");
    expect(plan.actions[0].stage).toBe(0);
    expect(plan.actions[1].stage).toBe(1);
    expect(plan.actions[2].stage).toBe(2);
    const first = new Plan();
    first.addLatch(1, "Latched");
    expect(first.actions[0].stage).toBe(0);
    expect(first.stage).toBe(1);
  });
  it("find what they apply", () => {
    const plan = new Plan();
    const wanted = object("a", null);
    plan.addCreate(2, false, address(wanted), "Wanted");
    expect(plan.findWanted(2, "a")).toBe(address(wanted));
    expect(plan.findWanted(2, "b")).toBe(0);
    expect(plan.findWanted(1, "a")).toBe(0);
  });
  throws("delete nothing that was not observed", () => {
    new Plan().addTargeted("delete", 0, address(object("db-0", null)), "Dead");
  });
  throws("act for a reason", () => {
    new Plan().addTargeted("delete", 0, address(object("db-0", "u")), "");
  });
  throws("release fields of an apply only", () => {
    new Plan().addRelease("spec.replicas");
  });
});

describe("json", () => {
  it("keeps its text", () => {
    expect(json('{"a": [1, null]}').text).toBe('{"a": [1, null]}');
  });
  throws("is checked", () => {
    json("{a:1}");
  });
  it("of somebody else may be none", () => {
    expect(readJson("<html>") === null).toBe(true);
    expect(readJson("") === null).toBe(true);
    expect(readJson("{} {}") === null).toBe(true);
    expect(readJson(" [1]")!.text).toBe(" [1]");
  });
  it("is looked into, step by step", () => {
    const answer = readJson(' { "header" : null, "members":[ {"ID":"18446744073709551615","name":"db-0"}, {"name" : "d\\u0062-1"} ], "n": 3 } ')!;
    const members = answer.member("members")!.items()!;
    expect(members.length).toBe(2);
    expect(members[0].member("name")!.asString()).toBe("db-0");
    expect(members[1].member("name")!.asString()).toBe("db-1");
    expect(members[1].member("ID") === null).toBe(true);
    expect(members[0].member("ID")!.asString()).toBe("18446744073709551615");
    expect(answer.member("header") === null).toBe(true);
    expect(answer.member("n")!.asInteger()!.value).toBe(3);
    expect(json('{"a\\nb":[]}').member("a\nb")!.items()!.length).toBe(0);
  });
  it("is never something else than it is", () => {
    expect(json("{}").items() === null).toBe(true);
    expect(json("[]").member("a") === null).toBe(true);
    expect(json("1").asString() === null).toBe(true);
    expect(json('"x"').asInteger() === null).toBe(true);
    expect(json("1.5").asInteger() === null).toBe(true);
    expect(json("9223372036854775808").asInteger() === null).toBe(true);
    expect(json('"-9223372036854775808"').asInteger()!.value).toBe(i64.MIN_VALUE);
    expect(json("true").asBoolean()!.value).toBe(true);
    expect(json("0").asBoolean() === null).toBe(true);
    expect(json('{"a":1,"a":2}').member("a")!.asInteger()!.value).toBe(2);
  });
});
