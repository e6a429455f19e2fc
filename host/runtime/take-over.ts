/**
 * A new leader's caches must be as new as what the old one wrote. Instead of listing everything again, it asks for a
 * quorum resourceVersion per kind (a list of one) and waits until its watch has come as far.
 *
 * That number is the whole store's, and a quiet kind hears of it with the next bookmark only, up to a minute later. So
 * a cache that is still behind after a moment is compared with a fresh list: equal, it is as new as can be.
 */
import type { Platform } from "../platform/platform.ts";
import { compareResourceVersions, type Informers, keyOf, type Store } from "./contracts.ts";
import type { Log } from "./log.ts";

const PATIENCE_MS = 1_000;
const RETRY_MS = 1_000;

/** Resolves when `store` has caught up, or `wanted` says that nobody waits any more. */
export async function caughtUp(
  store: Store, informers: Pick<Informers, "listFresh" | "currentVersion">, platform: Pick<Platform, "timers">, log: Log, wanted: () => boolean,
): Promise<void> {
  while (wanted()) {
    try {
      const resourceVersion = await informers.currentVersion(store.kind, store.namespace);
      if (await reaches(store, resourceVersion, platform)) return;
      if (await equalsFresh(store, informers)) return;
    } catch (error) {
      log.write("warn", "can't tell yet whether the cache is up to date", { kind: store.kind.kind, error: String(error) });
      await new Promise<void>((resolve) => void platform.timers.after(RETRY_MS, resolve));
    }
  }
}

function reaches(store: Store, resourceVersion: string, platform: Pick<Platform, "timers">): Promise<boolean> {
  const there = (): boolean => store.resourceVersion !== "" && compareResourceVersions(store.resourceVersion, resourceVersion) >= 0;
  if (there()) return Promise.resolve(true);
  return new Promise((resolve) => {
    const finish = (): void => {
      stop();
      timer.cancel();
      resolve(there());
    };
    const timer = platform.timers.after(PATIENCE_MS, finish);
    const stop = store.onProgress(() => {
      if (there()) finish();
    });
  });
}

async function equalsFresh(store: Store, informers: Pick<Informers, "listFresh" | "currentVersion">): Promise<boolean> {
  const { items } = await informers.listFresh(store.kind, store.namespace === undefined ? {} : { namespace: store.namespace });
  const cached = store.list();
  // Newer in the cache is fine: the watch went on while the list was read.
  return items.every((item) => {
    const known = store.get(keyOf(item.ref.namespace, item.ref.name));
    return known !== undefined && compareResourceVersions(known.resourceVersion, item.resourceVersion) >= 0;
  }) && cached.length <= items.length;
}
