import assert from "node:assert/strict";
import { test } from "node:test";
import { canonicalQuantity } from "./quantity-text.ts";

// As kube-apiserver 1.36.3 answers.
const CANONICAL: { [text: string]: string } = {
  "0": "0", "1": "1", "1000m": "1", "0.5": "500m", "1024Mi": "1Gi", "1.5Gi": "1536Mi", "1023Ki": "1023Ki", "0.1": "100m", "1e3": "1e3", "1E3": "1E3", "1000": "1k", "1500": "1500",
  "1500m": "1500m", "100M": "100M", "1000k": "1M", "0.5Ki": "512", "1.1Ki": "1126400m", "0.0000000001": "1n", "9223372036854775808": "9223372036854775808", "16Ei": "9223372036854775807",
  "-1": "-1", "-0.5Gi": "-512Mi", "+5": "+5", "1.500": "1.500", ".5": "500m", "5.": "5.", "1000E": "1", "1e21": "1e21", "12e4": "120e3", "007": "007", "00": "0",
};

test("quantities are written in canonical form", () => {
  for (const [text, expected] of Object.entries(CANONICAL)) assert.equal(canonicalQuantity(text), expected, text);
});

test("what is no quantity is refused in Go's words", () => {
  for (const text of ["", "x", "1x", "1 Gi", "0x1", "true"]) assert.throws(() => canonicalQuantity(text), /quantities must match the regular expression/, text);
  for (const text of ["1mm", "1e", "1kM", "1Kii"]) assert.throws(() => canonicalQuantity(text), /unable to parse quantity's suffix/, text);
});
