/**
 * How many things to try at once that one cause may make fail all together: one first, and each success makes room for
 * one more beside those under way. So a quota or an admission webhook that refuses is asked once, not once for each of
 * them, and where all is well the number under way doubles with every round trip.
 */

/** What a try says of those to come. `same`: nothing, for it wasn't put to the test; `stop`: none is begun any more. */
export type Trial = "wider" | "same" | "stop";

/** Tries `items` in their order; resolves when those that were begun have ended. `attempt` must not throw. */
export async function slowStart<Item>(items: Iterable<Item>, attempt: (item: Item) => Promise<Trial>): Promise<void> {
  const waiting = items[Symbol.iterator]();
  let stopped = false;
  const lane = async (): Promise<void> => {
    const beside: Promise<void>[] = [];
    while (!stopped) {
      const next = waiting.next();
      if (next.done === true) break;
      const trial = await attempt(next.value);
      if (trial === "stop") stopped = true;
      else if (trial === "wider" && !stopped) beside.push(lane());
    }
    await Promise.all(beside);
  };
  await lane();
}
