/** The host killed at random moments while apps are made, edited and deleted: in the end the cluster is what was asked for last. */
import { describe, it } from "node:test";
import assert from "node:assert/strict";
import { pause, until } from "../support/wait.ts";
import { appSpec, childrenOf, converged, createApp, editApp, freshNamespace, paths } from "./apps.ts";
import { api, deployHost, hostPods, signalHost } from "./host.ts";
import { seededRandom } from "./seed.ts";

const namespace = "crash";
const KILLS = 8;
const APPS = 20;

describe("a host that is killed", () => {
  it(`${KILLS} times at random moments, with edits going on, leaves nothing undone, doubled or left over`, async () => {
    const random = seededRandom("crash");
    await deployHost(1);
    await freshNamespace(namespace);
    const alive = new Set<string>();
    let isEditing = true;
    let counter = 0;
    const edit = async (): Promise<void> => {
      while (isEditing) {
        const roll = random();
        const some = [...alive][Math.floor(random() * alive.size)];
        if (alive.size < APPS && roll < 0.4 || some === undefined) {
          const name = `app-${counter++}`;
          alive.add(name);
          await createApp(namespace, name, appSpec({ replicas: 0 }));
        } else if (roll < 0.9) await editApp(namespace, some, { port: 1024 + Math.floor(random() * 60_000) });
        else {
          alive.delete(some);
          await api.must("DELETE", paths.myApp(namespace, some));
        }
        await pause(20);
      }
    };
    const editor = edit();
    for (let kill = 0; kill < KILLS; kill++) {
      // The pauses are the randomness that is asked for; everything else waits for conditions.
      await pause(random() * 3_000);
      const pod = await until("a host runs", async () => (await hostPods())[0], { timeoutMs: 60_000 });
      await signalHost(pod, "KILL").catch((error: Error) => assert.match(error.message, /no container|process|kill/i)); // It may be between two lives.
    }
    isEditing = false;
    await editor;
    const names = [...alive].sort();
    await converged(namespace, names, { timeoutMs: 120_000 });
    await until("nothing is left over", async () => {
      const { deployments, services } = await childrenOf(namespace);
      return deployments.join() === names.join() && services.join() === names.join();
    }, { timeoutMs: 60_000 });
  });
});
