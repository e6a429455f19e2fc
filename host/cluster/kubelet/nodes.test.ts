import assert from "node:assert/strict";
import { test } from "node:test";
import { world } from "../testing/world.ts";
import { PODS } from "../typed/core.ts";
import type { ContainerContext, SimulatedProcess } from "./image.ts";
import type { World } from "../testing/world.ts";

const state = (made: World, name = "web") => made.pod(name).status?.containerStatuses?.[0];

test("a Pod goes from Pending to Running and Ready, and its status is a kubelet's", () => {
  const { run, pod, advance, settle, events } = world();
  run("web", { containers: [{ name: "main", image: "nginx:1.27" }] });
  settle();
  assert.equal(pod().status!.phase, "Pending");
  assert.deepEqual(pod().status!.containerStatuses![0]!.state, { waiting: { reason: "ContainerCreating" } });
  advance(1000);
  const { status } = pod();
  assert.equal(status!.phase, "Running");
  assert.match(status!.podIP!, /^10\.244\.\d\.2$/);
  assert.deepEqual(status!.conditions!.map(({ type, status: is }) => `${type} ${is}`), ["PodReadyToStartContainers True", "Initialized True", "Ready True", "ContainersReady True", "PodScheduled True"]);
  const [main] = status!.containerStatuses!;
  assert.equal(main!.image, "docker.io/library/nginx:1.27");
  assert.match(main!.imageID, /^docker\.io\/library\/nginx@sha256:[0-9a-f]{64}$/);
  assert.match(main!.containerID!, /^containerd:\/\/[0-9a-f]{64}$/);
  assert.deepEqual(events().filter((event) => !/Node|kubelet/.test(event)), [
    "Scheduled: Successfully assigned default/web to n1", 'Pulling: Pulling image "nginx:1.27"',
    'Pulled: Successfully pulled image "nginx:1.27" in 300ms (300ms including waiting). Image size: 1048576 bytes.', "Created: Container created", "Started: Container started",
  ]);
});

test("a container that crashes is restarted at once, then with growing waits", () => {
  const made = world();
  const { run, advance, runUntil, kit, nodes } = made;
  nodes.images.register("crasher*", { start: (context: ContainerContext) => (context.after(1000, () => context.exit(3)), {}) });
  run("web", { containers: [{ name: "main", image: "crasher:1" }] });
  const startsMs: number[] = [];
  for (let n = 0; n < 5; n++) {
    assert.ok(runUntil(() => state(made)?.restartCount === n && state(made)?.state.running !== undefined, 400_000), `start ${n}`);
    startsMs.push(kit.nowMs());
    assert.ok(runUntil(() => state(made)?.state.running === undefined, 10_000));
  }
  const waits = startsMs.slice(1).map((ms, n) => Math.round((ms - startsMs[n]!) / 1000));
  assert.deepEqual(waits, [1, 11, 21, 41]);
  assert.equal(state(made)!.state.terminated?.exitCode, 3);
  advance(100);
  assert.equal(state(made)!.state.waiting?.reason, "CrashLoopBackOff");
  assert.match(state(made)!.state.waiting!.message!, /^back-off 1m20s restarting failed container=main pod=web_default\(/);
});

test("probes decide who is ready, and who is restarted", () => {
  const made = world();
  const { run, pod, advance, nodes, events } = made;
  let [ready, alive] = [false, true];
  const process: SimulatedProcess = { serve: ({ path }, _port, answer) => answer({ status: (path === "/live" ? alive : ready) ? 200 : 500 }) };
  nodes.images.register("app", { start: () => process });
  run("web", { containers: [{
    name: "main", image: "app", ports: [{ name: "http", containerPort: 80 }],
    readinessProbe: { httpGet: { path: "/ready", port: "http" }, periodSeconds: 5 }, livenessProbe: { httpGet: { path: "/live", port: 80 }, periodSeconds: 10, failureThreshold: 3 },
  }] });
  const isReady = (): string | undefined => pod().status?.conditions?.find(({ type }) => type === "Ready")?.status;
  advance(7000);
  assert.deepEqual([isReady(), state(made)!.started], ["False", true]);
  ready = true;
  advance(5000);
  assert.equal(isReady(), "True");
  alive = false;
  advance(35_000);
  assert.equal(state(made)!.restartCount, 1);
  assert.ok(events().includes("Killing: Container main failed liveness probe, will be restarted"), events().join("\n"));
  assert.ok(events().some((event) => event.startsWith("Unhealthy: Liveness probe failed: HTTP probe failed with statuscode: 500 (")), events().join("\n"));
});

test("init containers come first, one by one; sidecars go on beside", () => {
  const { run, pod, advance, nodes } = world();
  const order: string[] = [];
  nodes.images.register("step", { start: (context) => {
    order.push(`${context.container.name} starts`);
    context.after(1000, () => (order.push(`${context.container.name} ends`), context.exit(0)));
    return {};
  } });
  nodes.images.register("side", { start: ({ container }) => (order.push(`${container.name} starts`), {}) });
  run("web", { restartPolicy: "Never", initContainers: [{ name: "one", image: "step" }, { name: "side", image: "side", restartPolicy: "Always" }, { name: "two", image: "step" }], containers: [{ name: "main", image: "step" }] });
  advance(1500);
  assert.equal(pod().status!.phase, "Pending");
  assert.equal(pod().status!.conditions!.find(({ type }) => type === "Initialized")!.message, "containers with incomplete status: [side two]");
  advance(20_000);
  assert.deepEqual(order, ["one starts", "one ends", "side starts", "two starts", "two ends", "main starts", "main ends"]);
  assert.equal(pod().status!.phase, "Succeeded");
});

test("a deleted Pod has its grace period; a program that ignores it is killed", () => {
  const { run, pod, advance, runUntil, nodes, api, kit } = world();
  nodes.images.register("stubborn", { start: () => ({ stop: () => undefined }) });
  run("web", { containers: [{ name: "main", image: "stubborn" }] });
  run("polite", { containers: [{ name: "main", image: "polite" }] });
  advance(2000);
  const startedMs = kit.nowMs();
  api.delete(PODS, pod());
  api.delete(PODS, pod("polite"));
  assert.ok(runUntil(() => kit.store(PODS).get("default/polite") === undefined, 100));
  assert.ok(runUntil(() => kit.store(PODS).get("default/web") === undefined, 60_000));
  assert.equal(Math.round((kit.nowMs() - startedMs) / 1000), 30);
});

test("an image that can't be pulled is tried again, with back-off", () => {
  const made = world();
  const { run, pod, advance, nodes, events } = made;
  nodes.images.refuse("ghost*");
  run("web", { containers: [{ name: "main", image: "ghost:1" }] });
  advance(500);
  assert.equal(state(made)!.state.waiting!.reason, "ErrImagePull");
  advance(2000);
  assert.equal(state(made)!.state.waiting!.reason, "ImagePullBackOff");
  assert.equal(pod().status!.phase, "Pending");
  nodes.images.register("ghost*", { start: () => ({}) });
  advance(12_000);
  assert.equal(pod().status!.phase, "Running");
  assert.ok(events().some((event) => event.startsWith('Failed: Failed to pull image "ghost:1": rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/ghost:1"')), events().join("\n"));
});

test("a node that loses power forgets its processes; one cut off goes on alone", () => {
  const made = world({ nodes: 1 });
  const { run, pod, advance, nodes, network } = made;
  run("web", { containers: [{ name: "main", image: "nginx" }] });
  advance(2000);
  const before = state(made)!;
  const ip = pod().status!.podIP!;
  nodes.get("n1").restart();
  advance(2000);
  assert.equal(state(made)!.restartCount, 1);
  assert.equal(state(made)!.lastState.terminated!.exitCode, 255);
  assert.notEqual(state(made)!.containerID, before.containerID);
  nodes.get("n1").partition();
  nodes.killPod("default", "web");
  advance(12_000);
  assert.equal(state(made)!.restartCount, 1);
  const seen: string[] = [];
  network.request({ host: pod().status!.podIP!, port: 80, path: "/", timeoutMs: 1000 }, (outcome) => seen.push(outcome.kind));
  advance(2000);
  nodes.get("n1").heal();
  advance(100);
  assert.deepEqual([state(made)!.restartCount, seen, ip !== ""], [2, ["failed"], true]);
});
