/** What `kubectl get` shows of objects in every state, compared with a real API server. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startControlPlane, type ControlPlane } from "../../../../tests/support/control-plane.ts";
import { Target } from "../../../../tests/fidelity/target.ts";
import type { JsonObject } from "../../model.ts";
import { BUILTIN_KINDS, type KindFacts } from "../../schema/facts.ts";
import { SHOWN, SHOWN_NAMESPACE as NAMESPACE } from "../testing/corpus/shown.ts";
import { STORED, tables } from "../testing/tables.ts";
import { tableFacts } from "./index.ts";

const HELD = "example.com/held";

let plane: ControlPlane | { skipped: string };
let target: Target | undefined;
before(async () => {
  plane = await startControlPlane({ audit: [] });
  if ("skipped" in plane) return;
  target = new Target({ name: "real", url: plane.url, ca: plane.ca, token: plane.token });
  await target.send({ method: "POST", path: "/api/v1/namespaces", body: { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } } }, true);
});
after(async () => {
  target?.close();
  if (!("skipped" in plane)) await plane.stop();
});

const gvk = ({ group, version, kind }: KindFacts): string => `${group === "" ? "" : `${group}/`}${version}/${kind}`;
/** A controller of the real server's own fills in what a cell of FlowSchemas shows, some time after they are made. */
const RACING = ["componentstatuses", "flowschemas"];
for (const facts of BUILTIN_KINDS.filter(({ verbs, name }) => verbs.includes("list") && !RACING.includes(name))) {
  test(`${gvk(facts)}: the cells of kubectl get`, async (t) => {
    if (target === undefined) {
      t.skip((plane as { skipped: string }).skipped);
      return;
    }
    const { group, version, kind, namespaced, name } = facts;
    const path = `${group === "" ? "/api" : `/apis/${group}`}/${version}${namespaced ? `/namespaces/${NAMESPACE}` : ""}/${name}`;
    for (const { status, gone, ...object } of SHOWN[gvk(facts)] ?? []) await make(target, path, { apiVersion: group === "" ? version : `${group}/${version}`, kind, ...object }, status, gone === true);
    const { expected, actual } = await tables({ ...facts, ...tableFacts(facts) }, target, path, STORED[`${group}/${version}/${kind}`]?.(NAMESPACE));
    assert.deepEqual(actual, expected);
    assert(expected.rows.length > 0 || SHOWN[gvk(facts)] === undefined || SHOWN[gvk(facts)]!.length === 0);
  });
}

/** An object in a state: its status is written as controllers write it, and what is to be gone is held on the way. */
async function make(real: Target, path: string, object: JsonObject, status: unknown, gone: boolean): Promise<void> {
  const metadata = { ...object.metadata as JsonObject, ...gone ? { finalizers: [HELD] } : {} };
  const { name } = metadata as { name?: string };
  const made = await real.send({ method: "POST", path, body: { ...object, metadata } }, true);
  assert.equal(made.status, 201, JSON.stringify(made.body));
  if (status !== undefined) {
    const written = await real.send({ method: "PUT", path: `${path}/${name}/status`, body: { ...made.body, status } }, true);
    assert.equal(written.status, 200, JSON.stringify(written.body));
  }
  if (gone) await real.send({ method: "DELETE", path: `${path}/${name}` }, true);
}
