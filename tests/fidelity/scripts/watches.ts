/** Lists and watches: where they begin, what they leave out, how they end. */
import { collection, make } from "../objects.ts";
import { type Script, script } from "../declare.ts";

const order = script("watch", "order", async (api) => {
  const base = collection("ConfigMap", api.ns);
  await api.post(base, make("ConfigMap", "a", api.ns));
  const { body } = await api.get(base);
  const watch = await api.watch(`${base}?watch=true&resourceVersion=${body.metadata.resourceVersion}`);
  await api.post(base, make("ConfigMap", "b", api.ns));
  await api.patch(`${base}/a`, { data: { a: "2" } }, "merge");
  await api.patch(`${base}/a`, { data: { a: "2" } }, "merge");
  await api.delete(`${base}/a`);
  await api.post(base, make("ConfigMap", "a", api.ns));
  await watch.take(4);
  watch.close();
  const all = await api.watch(`${base}?watch=true`);
  await all.take(2);
  all.close();
});

const selectors = script("watch", "selectors", async (api) => {
  const base = collection("ConfigMap", api.ns);
  const { body } = await api.get(base);
  const watch = await api.watch(`${base}?watch=true&labelSelector=tier%3Dtest&resourceVersion=${body.metadata.resourceVersion}`);
  await api.post(base, make("ConfigMap", "a", api.ns));
  await api.patch(`${base}/a`, { metadata: { labels: { tier: "other" } } }, "merge");
  await api.patch(`${base}/a`, { data: { a: "unseen" } }, "merge");
  await api.patch(`${base}/a`, { metadata: { labels: { tier: "test" } } }, "merge");
  await api.delete(`${base}/a`);
  await watch.take(4);
  watch.close();
  const one = await api.watch(`${base}?watch=true&fieldSelector=metadata.name%3Db&resourceVersion=${body.metadata.resourceVersion}`);
  await api.post(base, make("ConfigMap", "b", api.ns));
  await one.take(1);
  one.close();
});

const initial = script("watch", "initial events", async (api) => {
  const base = collection("ConfigMap", api.ns);
  for (const name of ["b", "a"]) await api.post(base, make("ConfigMap", name, api.ns));
  const list = await api.watch(`${base}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`);
  await list.take(3);
  list.close();
  for (const query of ["sendInitialEvents=true", "sendInitialEvents=true&resourceVersionMatch=Exact", "resourceVersionMatch=NotOlderThan", "resourceVersion=x", "timeoutSeconds=x", "labelSelector=(", "fieldSelector=a%3Db", "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=abc", "limit=1&continue=x"]) {
    const bad = await api.watch(`${base}?watch=true&timeoutSeconds=1&${query}`);
    await bad.ended();
  }
});

const pages = script("list", "pages", async (api) => {
  const base = collection("ConfigMap", api.ns);
  for (const name of ["d", "a", "c", "b", "e"]) await api.post(base, make("ConfigMap", name, api.ns));
  let next = "";
  for (let page = 0; page < 3; page++) {
    const { body } = await api.get(`${base}?limit=2${next === "" ? "" : `&continue=${encodeURIComponent(next)}`}`);
    next = body.metadata.continue ?? "";
    if (page === 0) await api.post(base, make("ConfigMap", "bb", api.ns));
  }
  await api.get(`${base}?limit=2&labelSelector=app%3Dd`);
  await api.get(`${base}?limit=500`);
  for (const query of ["limit=0", "limit=-1", "limit=2&continue=AAAA", "limit=2&continue=%7B%7D", "resourceVersion=1&resourceVersionMatch=Exact", "resourceVersionMatch=Exact", "resourceVersion=0&resourceVersionMatch=NotOlderThan", "resourceVersionMatch=Foo&resourceVersion=1", "labelSelector=a%3D%3Db%2Cc!%3Dd", "labelSelector=!app", "labelSelector=app%20notin%20(a)", "labelSelector=app%20in%20()", "labelSelector=app%3D", "labelSelector=%3D", "labelSelector=app%20gt%203", "labelSelector=x%3E3", "fieldSelector=metadata.namespace%3Dx", "fieldSelector=metadata.name!%3Da", "fieldSelector=metadata.name", "timeoutSeconds=5"]) {
    await api.get(`${base}?${query}`);
  }
});

export const WATCHES: readonly Script[] = [order, selectors, initial, pages];
