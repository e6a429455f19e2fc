/** Events live for an hour. */
import { EVENTS } from "../../typed/core.ts";
import { keyOf } from "../../typed/resource.ts";
import type { Kit } from "../kit/kit.ts";

const TTL_MS = 3_600_000;
/** Those whose time has come go together, so that there is one timer and not thousands. */
const STEP_MS = 60_000;

export function expireEvents(kit: Kit): void {
  const events = kit.store(EVENTS);
  const api = kit.api("kube-apiserver");
  const touchedMs = new Map<string, number>();
  let planned = false;
  const sweep = (): void => {
    planned = false;
    const nowMs = kit.platform.clock.monotonicMs();
    for (const [key, atMs] of touchedMs) {
      // In the order in which they were touched.
      if (nowMs - atMs < TTL_MS) break;
      const event = events.get(key);
      touchedMs.delete(key);
      if (event !== undefined) api.delete(EVENTS, event);
    }
    if (touchedMs.size > 0) plan();
  };
  const plan = (): void => {
    if (planned) return;
    planned = true;
    const [oldestMs = 0] = touchedMs.values();
    kit.after(Math.max(STEP_MS, oldestMs + TTL_MS - kit.platform.clock.monotonicMs()), sweep);
  };
  events.on(({ type, object }) => {
    const key = keyOf(object);
    touchedMs.delete(key);
    if (type === "DELETED") return;
    touchedMs.set(key, kit.platform.clock.monotonicMs());
    plan();
  });
}
