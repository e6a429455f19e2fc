/** Whole lives of objects, step by step: what clients rely on, and what they get wrong. */
import { collection, make, SAMPLES } from "../objects.ts";
import { type Api, type Script, script } from "../declare.ts";

/** Create, read, list, change in each way, delete: for every kind there is a sample of. */
const everyKind: Script[] = Object.entries(SAMPLES).map(([kind, { status, scale }]) => script("requests", kind, async (api) => {
  const base = collection(kind, api.ns);
  await api.get(`${base}/web`);
  const made = await api.post(`${base}?fieldManager=one`, make(kind, "web", api.ns));
  await api.post(base, make(kind, "web", api.ns));
  await api.get(`${base}/web`);
  await api.get(base);
  const changed = { ...made.body, metadata: { ...made.body.metadata, labels: { app: "web", more: "1" } } };
  await api.put(`${base}/web?fieldManager=two`, changed);
  await api.put(`${base}/web?fieldManager=two`, changed);
  await api.patch(`${base}/web?fieldManager=three`, { metadata: { annotations: { note: null, other: "x" } } }, "merge");
  await api.patch(`${base}/web?fieldManager=three`, [{ op: "add", path: "/metadata/labels/json", value: "y" }], "json");
  await api.patch(`${base}/web?fieldManager=four`, make(kind, "web", api.ns), "apply");
  await api.patch(`${base}/web?fieldManager=four&force=true`, make(kind, "web", api.ns), "apply");
  await api.get(`${base}/web`, { accept: "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io" });
  if (status) await statusOf(api, base);
  if (scale) await scaleOf(api, base);
  await api.put(`${base}/missing`, make(kind, "missing", api.ns));
  await api.patch(`${base}/missing`, { metadata: { labels: { a: "b" } } }, "merge");
  await api.delete(`${base}/web`);
  await api.delete(`${base}/web`);
  await api.get(`${base}/web`);
}));

async function statusOf(api: Api, base: string): Promise<void> {
  const { body } = await api.get(`${base}/web/status`);
  await api.put(`${base}/web/status?fieldManager=st`, { ...body, metadata: { ...body.metadata, labels: { gone: "1" } } });
  await api.patch(`${base}/web/status?fieldManager=st`, { status: { foo: 1 } }, "merge");
}

async function scaleOf(api: Api, base: string): Promise<void> {
  await api.get(`${base}/web/scale`);
  await api.patch(`${base}/web/scale?fieldManager=hpa`, { spec: { replicas: 4 } }, "merge");
  await api.put(`${base}/web/scale?fieldManager=hpa`, { apiVersion: "autoscaling/v1", kind: "Scale", metadata: { name: "web", namespace: api.ns }, spec: { replicas: 2 } });
  await api.put(`${base}/web/scale`, { apiVersion: "autoscaling/v1", kind: "Scale", metadata: { name: "web", namespace: api.ns }, spec: { replicas: -2 } });
}

const finalizers = script("delete", "finalizers", async (api) => {
  const base = collection("ConfigMap", api.ns);
  const held = make("ConfigMap", "held", api.ns);
  held.metadata.finalizers = ["example.dev/hold"];
  await api.post(base, held);
  await api.delete(`${base}/held`);
  await api.delete(`${base}/held`);
  await api.get(`${base}/held`);
  await api.patch(`${base}/held`, { metadata: { finalizers: ["example.dev/hold", "example.dev/late"] } }, "merge");
  await api.post(base, held);
  await api.patch(`${base}/held`, { data: { a: "still" } }, "merge");
  await api.patch(`${base}/held`, { metadata: { finalizers: null } }, "merge");
  await api.get(`${base}/held`);
  const bad = make("ConfigMap", "bad", api.ns);
  bad.metadata.finalizers = ["nodomain"];
  await api.post(base, bad);
  await api.post(base, { ...make("ConfigMap", "orphan", api.ns) });
  await api.delete(`${base}/orphan`, { propagationPolicy: "Foreground" });
  await api.get(`${base}/orphan`);
});

const preconditions = script("delete", "preconditions", async (api) => {
  const base = collection("ConfigMap", api.ns);
  const { body } = await api.post(base, make("ConfigMap", "web", api.ns));
  await api.delete(`${base}/web`, { preconditions: { uid: "00000000-0000-4000-8000-000000000000" } });
  await api.delete(`${base}/web`, { preconditions: { resourceVersion: "1" } });
  await api.delete(`${base}/web`, { preconditions: { uid: body.metadata.uid, resourceVersion: body.metadata.resourceVersion } });
  await api.post(base, make("ConfigMap", "a", api.ns));
  await api.post(base, make("ConfigMap", "b", api.ns));
  await api.delete(`${base}?labelSelector=app%3Da&dryRun=All`);
  await api.delete(`${base}?labelSelector=app%3Da`);
  await api.delete(`${base}?fieldSelector=metadata.name%3Db`);
  await api.get(base);
  await api.delete(base, { propagationPolicy: "No" });
});

const names = script("requests", "names", async (api) => {
  const base = collection("ConfigMap", api.ns);
  const generated = make("ConfigMap", "x", api.ns);
  delete generated.metadata.name;
  generated.metadata.generateName = "web-";
  const { body } = await api.send({ method: "POST", path: base, body: generated }, true);
  api.generated(body.metadata.name, "web-");
  await api.get(`${base}/${body.metadata.name}`);
  for (const name of ["UPPER", "a_b", "-a", "a.b", "a..b", "x".repeat(253), "x".repeat(254), "", ".", "a/b", "ü"]) {
    const object = make("ConfigMap", "x", api.ns);
    object.metadata.name = name;
    await api.post(base, object);
  }
  await api.post(base, { apiVersion: "v1", kind: "ConfigMap" });
  await api.post(base, { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "other", namespace: "elsewhere" } });
  await api.post(base, { apiVersion: "v1", kind: "Secret", metadata: { name: "other" } });
  await api.post(base, { apiVersion: "v2", kind: "ConfigMap", metadata: { name: "other" } });
  await api.post(base, { kind: "ConfigMap", metadata: { name: "other" } });
  await api.post(base, { metadata: { name: "bare" } });
  await api.post("/api/v1/namespaces/absent-namespace/configmaps", make("ConfigMap", "x", "absent-namespace"));
  for (const labels of [{ "": "a" }, { "a/b/c": "x" }, { a: "x".repeat(64) }, { a: "-b" }, { "UPPER.example/ok": "Fine_1" }, { "-bad/x": "1" }]) {
    const object = make("ConfigMap", "labelled", api.ns);
    object.metadata.labels = labels;
    await api.post(base, object);
  }
});

const bodies = script("requests", "bodies", async (api) => {
  const base = collection("ConfigMap", api.ns);
  const texts = ["", "{", "[]", "null", "1", "\"a\"", "{}", "{\"kind\":1}", "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":[]}", "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":1}}",
    "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"dup\"},\"data\":{\"a\":\"1\",\"a\":\"2\"}}", "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"proto\"},\"data\":{\"__proto__\":\"1\",\"constructor\":\"2\"}}",
    "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"trail\"}} x", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: yaml}\n"];
  for (const body of texts) {
    await api.send({ method: "POST", path: base, body });
    await api.send({ method: "POST", path: `${base}?fieldValidation=Strict`, body });
  }
  const good = make("ConfigMap", "typed", api.ns);
  for (const type of ["application/yaml", "text/plain", "application/xml", "application/json; charset=utf-8", "application/merge-patch+json", "application/vnd.kubernetes.protobuf"]) {
    await api.send({ method: "POST", path: base, body: good, headers: { "content-type": type } });
  }
  for (const accept of ["application/yaml", "text/html", "application/xml", "*/*", "application/json;as=Table;v=v1;g=meta.k8s.io", "application/json;as=Nothing;v=v1;g=meta.k8s.io"]) await api.get(`${base}/proto`, { accept });
  for (const query of ["fieldValidation=Never", "dryRun=Some", "fieldManager=" + "x".repeat(129), "fieldManager=%01", "pretty=true"]) await api.post(`${base}?${query}`, make("ConfigMap", "query", api.ns));
});

const routes = script("requests", "what is not there", async (api) => {
  const paths = ["/", "/api", "/apis/none/v1", "/apis/apps/v2/deployments", "/api/v1/nothing", `/api/v1/namespaces/${api.ns}/nothing`, `/api/v1/namespaces/${api.ns}/configmaps/a/status`, `/api/v1/namespaces/${api.ns}/pods/a/nothing`, "/apis/apps/v1/namespaces", "/nowhere", "/version", "/healthz", "/readyz", "/livez", "/api/v1/configmaps/a", "/healthz/nothing"];
  for (const path of paths.filter((each) => each !== "/version" && each !== "/" && each !== "/api")) for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"]) await api.send({ method, path, ...(method === "GET" || method === "DELETE" ? {} : { body: {} }) });
  await api.send({ method: "OPTIONS", path: `/api/v1/namespaces/${api.ns}/configmaps` });
  await api.patch(`/api/v1/namespaces/${api.ns}/configmaps/a`, { a: 1 }, "strategic");
  await api.send({ method: "PATCH", path: `/api/v1/namespaces/${api.ns}/configmaps/a`, body: {}, headers: { "content-type": "application/json" } });
});

export const LIVES: readonly Script[] = [...everyKind, finalizers, preconditions, names, bodies, routes];
