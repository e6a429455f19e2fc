// MyApp with the official client for Node: three informers, a small work queue, reads from the informers' caches.
// WORKERS: passes at a time (1).
import { isDeepStrictEqual } from 'node:util';
import {
  AppsV1Api, CoreV1Api, CustomObjectsApi, KubeConfig, PatchStrategy, makeInformer, setHeaderOptions,
} from '@kubernetes/client-node';

const API = { group: 'example.dev', version: 'v1', plural: 'myapps' };
const workers = Number(process.env.WORKERS ?? 1);
const config = new KubeConfig();
config.loadFromDefault();
const [apps, core, custom] = [AppsV1Api, CoreV1Api, CustomObjectsApi].map((api) => config.makeApiClient(api));
const patchAs = (strategy) => setHeaderOptions('Content-Type', strategy);

const cache = {
  myApps: makeInformer(config, `/apis/${API.group}/${API.version}/${API.plural}`, () => custom.listClusterCustomObject(API)),
  deployments: makeInformer(config, '/apis/apps/v1/deployments', () => apps.listDeploymentForAllNamespaces()),
  services: makeInformer(config, '/api/v1/services', () => core.listServiceForAllNamespaces()),
};

/** Runs each key at most once at a time, again when it was asked for meanwhile, later when it failed. */
class Queue {
  #waiting = new Set();
  #running = new Set();
  #again = new Set();
  #failures = new Map();

  add(key) {
    (this.#running.has(key) ? this.#again : this.#waiting).add(key);
    this.#next();
  }

  #next() {
    for (const key of this.#waiting) {
      if (this.#running.size >= workers) return;
      this.#waiting.delete(key);
      this.#running.add(key);
      void this.#run(key);
    }
  }

  async #run(key) {
    try {
      await reconcile(key);
      this.#failures.delete(key);
    } catch (error) {
      const failures = (this.#failures.get(key) ?? 0) + 1;
      this.#failures.set(key, failures);
      console.error(`${key} failed: ${error.message}`);
      setTimeout(() => this.add(key), Math.min(5 * 2 ** failures, 60_000));
    }
    this.#running.delete(key);
    if (this.#again.delete(key)) this.#waiting.add(key);
    this.#next();
  }
}

async function reconcile(key) {
  const [namespace, name] = key.split('/');
  const app = cache.myApps.get(name, namespace);
  if (!app) return;
  const labels = { app: name };
  const owner = { apiVersion: `${API.group}/${API.version}`, kind: 'MyApp', name, uid: app.metadata.uid, controller: true, blockOwnerDeletion: true };
  const metadata = { name, namespace, labels, ownerReferences: [owner] };
  const deployment = await ensureDeployment(app, metadata);
  await ensureService(app, metadata);
  await ensureStatus(app, deployment.status?.readyReplicas ?? 0);
}

async function ensureDeployment({ spec }, metadata) {
  const { name, namespace, labels } = metadata;
  const containers = [{ name: 'app', image: spec.image, ports: [{ containerPort: spec.port }] }];
  const live = cache.deployments.get(name, namespace);
  if (!live) {
    const template = { metadata: { labels }, spec: { containers } };
    return apps.createNamespacedDeployment({ namespace, body: { metadata, spec: { replicas: spec.replicas, selector: { matchLabels: labels }, template } } });
  }
  const [container] = live.spec.template.spec.containers;
  const isRight = live.spec.replicas === spec.replicas && container?.image === spec.image
    && container.ports?.[0].containerPort === spec.port && isDeepStrictEqual(live.metadata.labels, labels);
  if (isRight) return live;
  const body = { metadata: { labels }, spec: { replicas: spec.replicas, template: { spec: { containers } } } };
  return apps.patchNamespacedDeployment({ name, namespace, body }, patchAs(PatchStrategy.StrategicMergePatch));
}

async function ensureService({ spec }, metadata) {
  const { name, namespace, labels } = metadata;
  const ports = [{ port: spec.port, targetPort: spec.port }];
  const live = cache.services.get(name, namespace);
  if (!live) {
    await core.createNamespacedService({ namespace, body: { metadata, spec: { selector: labels, ports } } });
  } else if (live.spec.ports?.[0].port !== spec.port || !isDeepStrictEqual(live.metadata.labels, labels)) {
    await core.patchNamespacedService({ name, namespace, body: { metadata: { labels }, spec: { ports } } }, patchAs(PatchStrategy.MergePatch));
  }
}

async function ensureStatus(app, readyReplicas) {
  const { name, namespace, generation } = app.metadata;
  const isReady = readyReplicas >= app.spec.replicas;
  const before = app.status?.conditions?.find(({ type }) => type === 'Ready');
  const condition = {
    type: 'Ready', status: isReady ? 'True' : 'False', reason: isReady ? 'Available' : 'Progressing', message: '', observedGeneration: generation,
  };
  condition.lastTransitionTime = before?.status === condition.status ? before.lastTransitionTime : new Date().toISOString().replace(/\.\d+/, '');
  const status = { readyReplicas, observedGeneration: generation, conditions: [condition] };
  if (isDeepStrictEqual(status, { ...app.status })) return;
  await custom.patchNamespacedCustomObjectStatus({ ...API, namespace, name, body: { status } }, patchAs(PatchStrategy.MergePatch));
}

const queue = new Queue();
const onApp = ({ metadata }) => queue.add(`${metadata.namespace}/${metadata.name}`);
const onChild = ({ metadata }) => {
  const owner = metadata.ownerReferences?.find((reference) => reference.controller && reference.kind === 'MyApp');
  if (owner) queue.add(`${metadata.namespace}/${owner.name}`);
};

// Children first: the first pass over the apps must find them in the cache.
for (const [informer, onChange] of [[cache.deployments, onChild], [cache.services, onChild], [cache.myApps, onApp]]) {
  informer.on('change', onChange);
  informer.on('error', (error) => {
    console.error('a watch failed:', error?.message ?? error);
    setTimeout(() => informer.start(), 1000);
  });
  await informer.start();
}
process.on('SIGTERM', () => process.exit(0));
