/**
 * "Would this apply change anything?", asked of us and of a real API server: the same answer for every object of a broad
 * corpus, unchanged and with each single change. The seed chooses the order in which changes are tried, until enough were
 * accepted; `SEED=n` repeats a run, `MUTATIONS=all` tries every one.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { BUILTIN } from "../../../bindings/codegen/openapi/builtin.ts";
import { parseJson } from "../../../bindings/protocol/json.ts";
import type { KindRef, Manifest, OwnedKind } from "../../../bindings/protocol/manifest.ts";
import type { JsonObject, KubeObject } from "../../../bindings/protocol/types.ts";
import { nodePlatform, nodeTransport } from "../../platform/node/index.ts";
import type { NodeTransport } from "../../platform/node/index.ts";
import { type ControlPlane, startControlPlane } from "../../../tests/support/control-plane.ts";
import { until } from "../../../tests/support/wait.ts";
import { apiErrorOf, collectionPath, objectPath, withQuery } from "../api.ts";
import { type CachedObject, type Informers, kindKey } from "../contracts.ts";
import { Declarations, type DeclaredKind } from "../declarations.ts";
import { nothingWouldChange } from "../executor/apply.ts";
import { createInformers } from "../informers.ts";
import { ALL_LIMITS, CORPUS, ZOO_CRD, ZOO_TYPES } from "../testing/corpus.ts";
import { mutationsOf } from "../testing/mutations.ts";
import { APPLY_PATCH, identityOf, JSON_TYPE } from "../writer.ts";
import { asApplied, CREATED_AS, createBody } from "./created.ts";
import { intentOf } from "./intent.ts";

const SEED = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
/**
 * Of each object's changes that the server takes, how many are compared; each costs some 15 ms. One that it refuses shows
 * nothing, and another is drawn. Every object of the corpus has that many.
 */
const ACCEPTED = 8;
const COMPARED = process.env["MUTATIONS"] === "all" ? Number.POSITIVE_INFINITY : ACCEPTED;
const MANAGER = "toque-corpus";
/**
 * Where a server fills in what no schema tells: we send an apply that changes nothing (once: the memo remembers it).
 * The other way round, a change that we would not send, has one: see below.
 */
const ONLY_THE_SERVER_KNOWS = new Set(["NetworkPolicy drop spec.policyTypes.0", "NetworkPolicy empty spec.policyTypes"]);
/** A custom resource keeps a time as it was spelled; to us it is the same instant, and not worth a write. */
const SAME_BY_TYPE = new Set(["Zoo respell spec.opened"]);

const plane = await startControlPlane({ audit: [] });
const skip = "skipped" in plane ? plane.skipped : false;

describe("an apply that would change nothing", { skip }, () => {
  let transport: NodeTransport;
  let informers: Informers;
  let declarations: Declarations;
  let primary: CachedObject;
  const platform = nodePlatform();

  before(async () => {
    const { api, kubeconfig } = plane as ControlPlane;
    ({ transport } = await nodeTransport({ file: kubeconfig }));
    await api.apply("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/zoos.example.dev", ZOO_CRD);
    await until("zoos are served", async () => (await api.request("GET", "/apis/example.dev/v1/zoos")).status === 200);
    declarations = new Declarations(manifest());
    informers = createInformers({ transport, platform });
    for (const kind of declarations.owned) informers.watch(kind.ref, kind.projection, { applyManager: MANAGER });
    await api.apply("/api/v1/namespaces/default/configmaps/owner", { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "owner" } });
    primary = (await informers.readFresh(declarations.kind({ apiVersion: "v1", kind: "ConfigMap" })!.ref, "default", "owner"))!;
  });
  after(async () => {
    informers?.close();
    transport?.close();
    if (!("skipped" in plane)) await plane.stop();
  });

  async function applied(kind: DeclaredKind, object: JsonObject): Promise<{ status: number; resourceVersion: string; error: string }> {
    const intent = intentOf(object as unknown as KubeObject, kind, primary, "controller");
    const path = withQuery(objectPath(kind.ref, "default", (object["metadata"] as JsonObject)["name"] as string), { fieldManager: MANAGER, force: "true" });
    const response = await transport.request({ method: "PATCH", path, body: intent.text, contentType: APPLY_PATCH });
    if (response.status >= 400) return { status: response.status, resourceVersion: "", error: apiErrorOf(response, platform.text).message };
    return { status: response.status, resourceVersion: identityOf(platform.text.decodeUtf8(response.body, 0, response.body.length)).resourceVersion, error: "" };
  }

  async function created(kind: DeclaredKind, object: JsonObject): Promise<void> {
    const intent = intentOf(object as unknown as KubeObject, kind, primary, "controller");
    const path = withQuery(collectionPath(kind.ref, "default"), { fieldManager: MANAGER, fieldValidation: "Strict" });
    const response = await transport.request({ method: "POST", path, body: createBody(intent, platform.digest.sha256Hex(intent.text)), contentType: JSON_TYPE });
    assert.equal(response.status, 201);
  }

  async function takenOver(kind: DeclaredKind, object: JsonObject): Promise<void> {
    const { api } = plane as ControlPlane;
    const path = objectPath(kind.ref, "default", (object["metadata"] as JsonObject)["name"] as string);
    const { metadata: { managedFields, resourceVersion } } = await api.must("GET", path);
    await api.mergePatch(path, { metadata: { resourceVersion, annotations: { [CREATED_AS]: null }, managedFields: asApplied(managedFields, MANAGER).managedFields } });
  }

  async function weSayNothingChanges(kind: DeclaredKind, object: JsonObject): Promise<boolean> {
    const name = (object["metadata"] as JsonObject)["name"] as string;
    const existing = (await informers.readFresh(kind.ref, "default", name))!;
    const live = parseJson(existing.text(kind.projection)) as JsonObject;
    const intent = intentOf(object as unknown as KubeObject, kind, primary, "controller");
    return nothingWouldChange({ kind, namespace: "default", name }, MANAGER, declarations.manifest.types, primary, existing, live, intent, platform.digest.sha256Hex(intent.text));
  }

  for (const object of CORPUS) {
    const id = `${object["kind"] as string} ${(object["metadata"] as JsonObject)["name"] as string}`;
    it(`is known as such without asking: ${id} (SEED=${SEED})`, async () => {
      const kind = declarations.kind(object as unknown as KubeObject)!;
      await created(kind, object);
      assert.equal(await weSayNothingChanges(kind, object), true, "just created by POST, but we say that it would change");
      await takenOver(kind, object);
      const first = await applied(kind, object);
      assert.equal(first.error, "");
      assert.equal(await weSayNothingChanges(kind, object), true, "unchanged, but we say that it would change");
      let base = first.resourceVersion;
      const random = generator(SEED);
      const wrong: string[] = [];
      let compared = 0;
      for (const mutation of shuffled(mutationsOf(object), random)) {
        if (compared === COMPARED) break;
        const ours = await weSayNothingChanges(kind, mutation.object);
        const theirs = await applied(kind, mutation.object);
        if (theirs.status >= 400) continue;
        compared++;
        const same = theirs.resourceVersion === base;
        const name = `${kind.ref.kind} ${mutation.what}`;
        const excused = (ours && SAME_BY_TYPE.has(name)) || (!ours && ONLY_THE_SERVER_KNOWS.has(name));
        if (ours !== same && !excused) wrong.push(`${mutation.what}: we say ${ours ? "nothing changes" : "it changes"}, the server ${same ? "changed nothing" : "changed it"}`);
        const back = await applied(kind, object);
        if (back.status >= 400) {
          // Such a change can't be undone (immutable now): start anew.
          await (plane as ControlPlane).api.request("DELETE", objectPath(kind.ref, "default", (object["metadata"] as JsonObject)["name"] as string));
          base = (await applied(kind, object)).resourceVersion;
        } else {
          base = back.resourceVersion;
        }
      }
      assert.deepEqual(wrong, []);
      assert.ok(compared >= ACCEPTED, `the server refused too many changes: ${compared} were compared, ${ACCEPTED} wanted`);
    });
  }
});

function manifest(): Manifest {
  const types = { ...BUILTIN.types, ...ZOO_TYPES };
  const owns = new Map<string, OwnedKind>();
  for (const object of CORPUS) {
    const { apiVersion, kind } = object as unknown as KubeObject;
    const builtin = BUILTIN.kinds[kindKey({ apiVersion, kind })];
    const ref: KindRef = { apiVersion, kind, plural: builtin?.plural ?? "zoos", namespaced: true };
    owns.set(kindKey(ref), { ...ref, type: builtin?.type ?? "Zoo", link: "ownerReference", shared: false, verbs: ["apply"] });
  }
  const zoo = owns.get("example.dev/v1 Zoo")!;
  return {
    protocol: 1, name: "corpus", version: "1", for: { ...zoo, statusSubresource: true }, owns: [...owns.values()],
    reads: [], calls: [], finalizer: false, limits: ALL_LIMITS, types, crd: {},
  };
}

/** mulberry32. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const left = [...items];
  const order: T[] = [];
  while (left.length > 0) order.push(left.splice(Math.floor(random() * left.length), 1)[0]!);
  return order;
}
