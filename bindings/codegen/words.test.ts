import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatDiagnostics } from "./diagnostic.ts";
import { Names, capital, singular } from "./names.ts";
import { editDistance, listOf, nearest } from "./suggest.ts";

describe("suggestions", () => {
  it("count what was inserted, left out, exchanged and swapped", () => {
    for (const [a, b, distance] of [["", "", 0], ["a", "a", 0], ["ab", "ba", 1], ["kitten", "sitting", 3], ["image", "imgae", 1], ["abc", "", 3]] as const) {
      assert.equal(editDistance(a, b, 9), distance, `${a} ${b}`);
      assert.equal(editDistance(b, a, 9), distance, `${b} ${a}`);
    }
    assert.equal(editDistance("abcdef", "uvwxyz", 2), 3);
  });

  it("are near, or not made", () => {
    const kinds = ["Deployment", "DaemonSet", "StatefulSet"];
    assert.equal(nearest("Deploymnet", kinds), "Deployment");
    assert.equal(nearest("deployment", kinds), "Deployment");
    assert.equal(nearest("Deploy", kinds), "Deployment");
    assert.equal(nearest("Certificate", kinds), undefined);
    assert.equal(nearest("x", kinds), undefined);
    assert.equal(nearest("ab", ["ac", "aa"]), "aa");
  });

  it("read as a sentence", () => {
    assert.deepEqual([listOf(["a"]), listOf(["a", "b"]), listOf(["a", "b", "c"], "and"), listOf([])], ["a", "a or b", "a, b and c", ""]);
  });
});

describe("names of types", () => {
  it("take the singular of lists", () => {
    const words = "conditions condition policies policy addresses address status status matches match boxes box statuses status series series tls tls replicas replica class class env env serviceAddresses serviceAddress databases database analysis analysis".split(" ");
    for (let i = 0; i < words.length; i += 2) assert.equal(singular(words[i]!), words[i + 1]);
  });

  it("are letters and digits", () => {
    assert.deepEqual(["podSpec", "my-field", "a.b/c", "3d", "-"].map(capital), ["PodSpec", "MyField", "ABC", "X3d", "X"]);
  });

  it("never meet another class", () => {
    const names = new Names(["Service"], "serving.knative.dev");
    assert.deepEqual(["Service", "Service", "Service", "Route", "Map", "Plan"].map((name) => names.claim(name)),
      ["ServingService", "ServingService2", "ServingService3", "Route", "ServingMap", "ServingPlan"]);
  });
});

describe("a diagnostic in print", () => {
  const at = (line: number, column: number, length: number): string =>
    formatDiagnostics([{ code: "YAML1", file: "f", line, column, length, message: "No." }], { f: "a: b\n\tc: d\n" });

  it("marks its place, under tabs too", () => {
    assert.equal(at(1, 4, 1), "f:1:4 error YAML1: No.\n  1 | a: b\n    |    ^\n\n1 error\n");
    assert.match(at(2, 2, 1), /\n {2}2 \| \tc: d\n {4}\| \t\^\n/);
  });

  it("never marks beyond the line, and leaves out a line that is not there", () => {
    assert.match(at(1, 4, 99), /\| {4}\^\n/);
    assert.equal(at(9, 1, 1), "f:9:1 error YAML1: No.\n\n1 error\n");
  });
});
