/**
 * HTTP calls to real Pods: an operator asks etcd who its members are, and puts keys into it, once each, while its host is
 * killed and paused. The operator is in store/; etcd itself counts what it was told.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Loose } from "../support/api-client.ts";
import { inWords } from "../support/audit.ts";
import { makeClientCertificate, makePeerCertificate, makePki } from "../support/pki.ts";
import { pause, until } from "../support/wait.ts";
import { freshNamespace } from "./apps.ts";
import { cut, heal } from "./cluster/cluster.ts";
import { etcdImage, SHELL_IMAGE } from "./cluster/images.ts";
import { HOME } from "./cluster/sandbox.ts";
import { api, deployHost, hostPods, hostRequests, leader, NAMESPACE, signalHost, STORE } from "./host.ts";
import { pathsBeyondResources, refused, rulesOf, undeclared } from "./privilege.ts";
import { seededRandom } from "./seed.ts";

const namespace = "calls";
const KILLS = 4;
const KEYS_PER_ROUND = 8;
const images = { new: etcdImage(join(HOME, "images"), "3.6"), old: etcdImage(join(HOME, "images"), "3.5") };
const skip = images.new === undefined || images.old === undefined ? "no image of etcd: tests/e2e/cluster/build.sh makes both" : false;

const path = (name = ""): string => `/apis/example.dev/v1/namespaces/${namespace}/stores/${name}`;
const proxy = (name: string, rest: string): string => `/api/v1/namespaces/${namespace}/pods/${name}-0:2379/proxy${rest}`;

function createStore(name: string, spec: object): Promise<Loose> {
  return api.must("POST", path(), { apiVersion: "example.dev/v1", kind: "Store", metadata: { name }, spec });
}
function etcd(name: string): string[] {
  return ["etcd", `--name=${name}`, "--listen-client-urls=http://0.0.0.0:2379", "--advertise-client-urls=http://127.0.0.1:2379", "--unsafe-no-fsync", "--log-level=error"];
}

/** As kubernetes.io/tls has it, with the CA. */
function createSecret(name: string, folder: string, pair: string): Promise<Loose> {
  const base64 = (file: string): string => readFileSync(join(folder, file)).toString("base64");
  const data = { "tls.crt": base64(`${pair}.crt`), "tls.key": base64(`${pair}.key`), "ca.crt": base64("ca.crt") };
  return api.must("POST", `/api/v1/namespaces/${namespace}/secrets`, { apiVersion: "v1", kind: "Secret", type: "kubernetes.io/tls", metadata: { name }, data });
}

/** Waits until the status is exactly this, but for what was latched. */
function statusBecomes(name: string, wanted: object): Promise<unknown> {
  return until(`${name} says ${JSON.stringify(wanted)}`, async () => {
    const { putting: _, ...status } = (await api.must("GET", path(name))).status ?? {};
    assert.deepEqual(status, wanted);
    return true;
  }, { timeoutMs: 60_000, everyMs: 100 });
}
const up = (name: string): object => ({ members: [name], nowhere: "HTTP404: 404 page not found\n" });

/** How often each key was put, as etcd counts: its version. */
async function versions(name: string): Promise<{ [key: string]: string }> {
  const { kvs = [] } = await api.must("POST", proxy(name, "/v3/kv/range"), { key: "AA==", range_end: "AA==" });
  return Object.fromEntries(kvs.map(({ key, version }: { key: string; version: string }) => [key, version]));
}

/** Asks for keys one after the other, and lets `harm` happen meanwhile; in the end each key was put once. */
async function putsOnce(round: string, harm: () => Promise<void>): Promise<void> {
  const keys: string[] = (await api.must("GET", path("db"))).spec.keys ?? [];
  const adding = async (): Promise<void> => {
    for (let index = 0; index < KEYS_PER_ROUND; index++) {
      keys.push(Buffer.from(`${round}-${index}`).toString("base64"));
      await api.mergePatch(path("db"), { spec: { keys } });
      await pause(50);
    }
  };
  await Promise.all([adding(), harm()]);
  await until("every key is there", async () => Object.keys(await versions("db")).length === keys.length, { timeoutMs: 90_000, everyMs: 250 });
  assert.deepEqual(await versions("db"), Object.fromEntries(keys.toSorted().map((key) => [key, "1"])));
}

describe("calls to Pods", { skip }, () => {
  let etcdNode: string;
  let sinceMs: number;

  before(async () => {
    sinceMs = Date.now();
    await deployHost(1, STORE);
    await freshNamespace(namespace);
    // Not beside the host: the one can be cut off without the other.
    etcdNode = (await leader(undefined, STORE)).node === "n1" ? "n2" : "n1";
    await createStore("db", { image: images.new, command: etcd("db"), node: etcdNode });
  });
  after(async () => { await api.request("DELETE", `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/${STORE.host}`); });

  it("are answered by etcd 3.6 and 3.5: members in the status, and a path that is none is unobserved with its body", async () => {
    await createStore("old", { image: images.old, command: etcd("old") });
    await statusBecomes("db", up("db"));
    await statusBecomes("old", up("old"));
  });

  it("come to nothing where nobody listens: unobserved, with the reason, and no members rather than none", async () => {
    await createStore("mute", { image: SHELL_IMAGE, command: ["sleep", "1000000"] });
    await statusBecomes("mute", { unobserved: "ServiceUnavailable", unobservedStatus: 503 });
  });

  it("come to nothing while the Pod's node is off the network, and to something again", async () => {
    await cut(Number(etcdNode.slice(1)));
    try {
      await statusBecomes("db", { unobserved: "Timeout" });
    } finally {
      await heal(Number(etcdNode.slice(1)));
    }
    await statusBecomes("db", up("db"));
  });

  it("present a client certificate where etcd wants one: out of a Secret, past the proxy", async () => {
    const folder = mkdtempSync(join(tmpdir(), "toque-etcd-tls-"));
    try {
      await makePki(folder, ["DNS:unused"]);
      await makePeerCertificate(folder, "etcd", ["DNS:localhost", "IP:127.0.0.1"]);
      await makeClientCertificate(folder, "toque", "toque", []);
      await createSecret("etcd-server", folder, "etcd");
      await createSecret("etcd-client", folder, "toque");
    } finally {
      rmSync(folder, { recursive: true });
    }
    const command = [...etcd("vault").filter((flag) => !flag.includes("client-urls")), "--listen-client-urls=https://0.0.0.0:2379", "--advertise-client-urls=https://127.0.0.1:2379",
      "--cert-file=/tls/tls.crt", "--key-file=/tls/tls.key", "--trusted-ca-file=/tls/ca.crt", "--client-cert-auth"];
    await createStore("vault", { image: images.new, command, serverSecret: "etcd-server", clientSecret: "etcd-client" });
    await statusBecomes("vault", { members: ["vault"] });
    // Without it, etcd does not answer: the test would show nothing if it did.
    assert.equal((await api.request("POST", `/api/v1/namespaces/${namespace}/pods/https:vault-0:2379/proxy/v3/cluster/member/list`, {})).status, 503);
    await api.mergePatch(path("vault"), { spec: { clientSecret: "none" } });
    await statusBecomes("vault", { unobserved: 'NotFound: secrets "none" not found', unobservedStatus: 404 });
  });

  it("that change something happen once, however often the host is killed", async () => {
    const random = seededRandom("calls");
    for (let kill = 0; kill < KILLS; kill++) {
      await putsOnce(`kill-${kill}`, async () => {
        await leader(undefined, STORE);
        // The pause is the randomness that is asked for: before, between and behind latches and calls.
        await pause(random() * 400);
        // For a moment after the last kill its status still names the container before.
        await until("the leader is killed", async () => {
          await signalHost(await leader(undefined, STORE), "KILL");
          return true;
        }, { timeoutMs: 60_000 });
      });
    }
  });

  it("that change something happen once, though a leader is paused and wakes up believing that it leads", async () => {
    await deployHost(2, STORE);
    const old = await leader(undefined, STORE);
    await putsOnce("paused", async () => {
      await pause(100);
      await signalHost(old, "STOP");
      try {
        await leader(old, STORE);
      } finally {
        await signalHost(old, "CONT");
      }
    });
    assert.equal((await hostPods(STORE)).length, 2);
  });

  it("need exactly the proxy of Pods, and the log shows nothing beyond what is declared", () => {
    const rules = rulesOf(STORE).filter(({ resources }) => resources.some((resource) => resource.startsWith("pods")));
    assert.deepEqual(rules.map(({ resources, verbs }) => `${resources.join()}: ${verbs.join()}`), ["pods: get,list,watch,create", "pods/portforward,pods/proxy: get,create"]);
    assert.deepEqual([refused(STORE), undeclared(STORE), pathsBeyondResources(STORE)], [[], [], []]);
    const calls = hostRequests(sinceMs, STORE).filter(({ objectRef }) => objectRef?.subresource === "proxy");
    const declared = ["create /v3/cluster/member/list", "create /v3/kv/put", "create /v3/kv/range", "get /nowhere"];
    assert.deepEqual([...new Set(calls.map(({ verb, requestURI }) => `${verb} ${/:2379\/proxy(.*)$/.exec(requestURI)?.[1]}`))].sort(), declared);
    const forwards = hostRequests(sinceMs, STORE).filter(({ objectRef }) => objectRef?.subresource === "portforward");
    assert.deepEqual([...new Set(forwards.map(({ objectRef }) => objectRef?.name))], ["vault-0"]);
    console.log(`${calls.length} calls to Pods; ${new Set(calls.map(inWords)).size} kinds of answers: ${[...new Set(calls.map(inWords))].sort().join(", ")}`);
  });
});
