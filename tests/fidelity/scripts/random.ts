/** Random lives of objects: created, changed in every way, read and deleted, often wrongly. Same seed, same script. */
import type { Loose } from "../../support/api-client.ts";
import { collection, make, SAMPLES } from "../objects.ts";
import { Dice, mutated } from "../random.ts";
import { type Api, type Script, script } from "../declare.ts";

type Op = (life: Life) => Promise<unknown>;

/** One kind's objects in one namespace. Names are few, so that requests meet. */
interface Life { readonly api: Api; readonly dice: Dice; readonly kind: string; readonly base: string }

const NAMES = ["a", "b", "c"];
const MANAGERS = ["one", "two", "three"];
const path = ({ base, dice }: Life): string => `${base}/${dice.of(NAMES)}`;
const nameIn = (at: string): string => at.slice(at.lastIndexOf("/") + 1);
const maybe = (dice: Dice, query: string, p: number): string => (dice.chance(p) ? query : "");

const create: Op = (life) => {
  const { api, dice, kind, base } = life;
  const object = make(kind, dice.of(NAMES), api.ns);
  const body = dice.chance(0.5) ? mutated(object, dice) : object;
  return api.post(`${base}?${maybe(dice, "dryRun=All&", 0.1)}${maybe(dice, "fieldValidation=Strict&", 0.3)}${maybe(dice, `fieldManager=${dice.of(MANAGERS)}`, 0.5)}`, body);
};
const read: Op = (life) => life.api.get(path(life));

/** The object as it is, or a fresh one where there is none. */
async function current(life: Life, at: string): Promise<Loose> {
  const { status, body } = await life.api.send({ method: "GET", path: at }, true);
  return status === 200 ? body : make(life.kind, nameIn(at), life.api.ns);
}

const update: Op = async (life) => {
  const { api, dice } = life;
  const at = path(life);
  const body = mutated(await current(life, at), dice);
  if (dice.chance(0.3)) delete body.metadata?.resourceVersion;
  if (dice.chance(0.1) && body.metadata) body.metadata.resourceVersion = "1";
  if (dice.chance(0.1) && body.metadata) body.metadata.uid = "00000000-0000-4000-8000-000000000000";
  return api.put(`${at}?fieldManager=${dice.of(MANAGERS)}${maybe(dice, "&dryRun=All", 0.1)}${maybe(dice, "&fieldValidation=Strict", 0.3)}`, body);
};
const updateStatus: Op = async (life) => {
  const { api, dice, kind } = life;
  if (!SAMPLES[kind]!.status) return read(life);
  const at = path(life);
  return api.put(`${at}/status?fieldManager=${dice.of(MANAGERS)}`, mutated(await current(life, at), dice));
};
const scale: Op = async (life) => {
  const { api, dice, kind } = life;
  if (!SAMPLES[kind]!.scale) return read(life);
  const at = `${path(life)}/scale`;
  if (dice.chance(0.3)) return api.get(at);
  return api.patch(`${at}?fieldManager=${dice.of(MANAGERS)}`, { spec: { replicas: dice.of([0, 1, 5, -1, "x", null, 1.5]) } }, "merge");
};
const mergePatch: Op = async (life) => {
  const { api, dice } = life;
  const at = path(life);
  const { metadata: _metadata, ...rest } = mutated(make(life.kind, nameIn(at), api.ns), dice);
  return api.patch(`${at}?fieldManager=${dice.of(MANAGERS)}${maybe(dice, "&fieldValidation=Strict", 0.2)}`, dice.chance(0.3) ? { metadata: { labels: { more: dice.of(["1", null, "2"]) } } } : rest, dice.chance(0.5) ? "merge" : "strategic");
};
const jsonPatch: Op = (life) => {
  const { api, dice } = life;
  const at = dice.of(["/metadata/labels/app", "/metadata/labels/x~1y", "/metadata/annotations/note", "/spec/replicas", "/data/a", "/spec/template/spec/containers/0/image", "/spec/containers/0/image", "/spec/ports/-", "/spec/ports/7", "/nothing/here", "", "/metadata/finalizers"]);
  const operation = { op: dice.of(["add", "replace", "remove", "test", "copy", "move", "nonsense"]), path: at, value: dice.of<Loose>(["v", 3, { port: 1 }, ["x.example/f"], null]), from: "/metadata/labels/tier" };
  return api.patch(`${path(life)}?fieldManager=${dice.of(MANAGERS)}`, [operation], "json");
};
const apply: Op = (life) => {
  const { api, dice, kind } = life;
  const at = path(life);
  const object = make(kind, nameIn(at), api.ns);
  const body = dice.chance(0.6) ? mutated(object, dice) : object;
  if (dice.chance(0.2)) delete body.spec;
  return api.patch(`${at}?${maybe(dice, `fieldManager=${dice.of(MANAGERS)}`, 0.95)}${maybe(dice, "&force=true", 0.4)}${maybe(dice, "&dryRun=All", 0.05)}`, body, "apply");
};
const remove: Op = (life) => {
  const { api, dice } = life;
  const options = dice.of<Loose>([undefined, {}, { propagationPolicy: "Background" }, { propagationPolicy: "Sideways" }, { preconditions: { uid: "x" } }, { preconditions: { resourceVersion: "1" } }, { gracePeriodSeconds: 0 }, { gracePeriodSeconds: -3 }, { dryRun: ["All"] }, { kind: "Pod" }]);
  return api.delete(path(life), options);
};
const list: Op = ({ api, dice, base }) => {
  const query = dice.of(["", "limit=1", "labelSelector=app%3Da", "labelSelector=app%20in%20(a,b),tier", "labelSelector=%2B%2B", "fieldSelector=metadata.name%3Da", "fieldSelector=spec.x%3Da", "limit=-1", "limit=x", "resourceVersion=0&resourceVersionMatch=Exact", "resourceVersion=x", "continue=x"]);
  return api.get(`${base}?${query}`);
};

const LABELS = ["app", "tier", "none", "a/b", "A", "-x", ""];
const VALUES = ["a", "b", "test", "", "x y", "-", "(a,b)", "(a)", "()", "3"];
const FIELDS = ["metadata.name", "metadata.namespace", "spec.nodeName", "status.phase", "type", "involvedObject.kind", "reason", "spec.clusterIP", "spec.type", "metadata.uid", "nothing"];
const LIMITS = ["1", "2", "500", "0", "-1", "x", "9999999999999999999"];

function selector(dice: Dice): string {
  const [label, value] = [dice.of(LABELS), dice.of(VALUES)];
  return dice.of([`${label}=${value}`, `${label}==${value}`, `${label}!=${value}`, `${label} in ${value}`, `${label} notin ${value}`, `!${label}`, label, `${label} > ${value}`, `${label},tier=test`, `app in (a,b),tier notin (x)`, `${label}=${value},`, `(${label})`]);
}
const randomList: Op = ({ api, dice, base }) => {
  const parts = [
    ...(dice.chance(0.6) ? [`labelSelector=${encodeURIComponent(selector(dice))}`] : []),
    ...(dice.chance(0.5) ? [`fieldSelector=${encodeURIComponent(`${dice.of(FIELDS)}${dice.of(["=", "!=", "=="])}${dice.of(NAMES)}`)}`] : []),
    ...(dice.chance(0.3) ? [`limit=${dice.of(LIMITS)}`] : []),
    ...(dice.chance(0.2) ? [`resourceVersion=${dice.of(["0", "1", "x", "-1"])}`] : []),
    ...(dice.chance(0.2) ? [`resourceVersionMatch=${dice.of(["Exact", "NotOlderThan", "Sometimes"])}`] : []),
  ];
  return api.get(`${base}?${parts.join("&")}`);
};
const removeMany: Op = ({ api, dice, base }) => api.delete(`${base}?${dice.chance(0.8) ? `labelSelector=${encodeURIComponent(selector(dice))}` : ""}${maybe(dice, "&dryRun=All", 0.2)}${maybe(dice, "&propagationPolicy=Sideways", 0.1)}${maybe(dice, "&gracePeriodSeconds=x", 0.1)}`);
const hold: Op = (life) => {
  const finalizers = life.dice.of<Loose>([["example.dev/hold"], ["example.dev/hold", "example.dev/late"], null, [], ["nodomain"], ["foregroundDeletion"], ["orphan"]]);
  return life.api.patch(`${path(life)}?fieldManager=holder`, { metadata: { finalizers } }, "merge");
};
const owned: Op = (life) => {
  const owner = { apiVersion: "v1", kind: "ConfigMap", name: "a", uid: "00000000-0000-4000-8000-000000000001", ...life.dice.of<Loose>([{}, { controller: true }, { uid: "" }, { name: "" }, { kind: "" }, { apiVersion: "a/b/c" }, { apiVersion: "v1", kind: "Event" }]) };
  return life.api.patch(path(life), { metadata: { ownerReferences: life.dice.chance(0.3) ? [owner, { ...owner, name: "b", uid: "00000000-0000-4000-8000-000000000002" }] : [owner] } }, "merge");
};

const FEATURES: { readonly [feature: string]: readonly Op[] } = {
  objects: [create, create, create, read, update, update, remove, list, updateStatus, scale],
  patch: [create, mergePatch, mergePatch, mergePatch, jsonPatch, jsonPatch, read, remove, update],
  apply: [apply, apply, apply, apply, apply, update, mergePatch, scale, remove, read],
  list: [create, randomList, randomList, randomList, randomList, randomList, randomList],
  delete: [create, create, remove, remove, removeMany, hold, hold, owned, read, update],
};

/** Random changes under three open watches, each of which must tell the same story. */
export function randomWatch(kind: string, seed: number, count: number): Script {
  return script("watch", `random-${kind}-${seed}`, async (api) => {
    const life: Life = { api, dice: new Dice(seed), kind, base: collection(kind, api.ns) };
    const { body: { metadata: { resourceVersion } } } = await api.send({ method: "GET", path: life.base }, true);
    const open = (query: string): ReturnType<Api["watch"]> => api.watch(`${life.base}?watch=true&resourceVersion=${String(resourceVersion)}${query}`);
    const watches = [await open(""), await open("&labelSelector=tier%3Dtest"), await open("&fieldSelector=metadata.name%21%3Da")];
    const ops = [create, create, update, mergePatch, apply, remove, hold];
    for (let n = 0; n < count; n++) await life.dice.of(ops)(life);
    await api.post(life.base, make(kind, "zz-last", api.ns));
    for (const watch of watches) {
      await watch.through("zz-last");
      watch.close();
    }
  });
}

/** A script of `count` requests to objects of `kind`. */
export function randomScript(feature: string, kind: string, seed: number, count: number): Script {
  return script(feature, `random-${kind}-${seed}`, async (api) => {
    const life: Life = { api, dice: new Dice(seed), kind, base: collection(kind, api.ns) };
    const ops = FEATURES[feature]!;
    for (let n = 0; n < count; n++) await life.dice.of(ops)(life);
  });
}
