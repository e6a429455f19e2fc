/** The cluster that `toque start` works on: the embedded one, or a real one that a kubeconfig names. */
import type { Transport } from "../../platform/platform.ts";
import { connect, type ClusterOptions } from "../connect.ts";
import { embeddedWorld, type EmbeddedOptions } from "./embedded-world.ts";

export interface World {
  /** "embedded cluster at http://127.0.0.1:40213, 3 nodes". */
  readonly title: string;
  readonly transport: Transport;
  /** What to set KUBECONFIG to; undefined: kubectl finds it by itself. */
  readonly kubeconfig: string | undefined;
  /** Seconds that objects take here to settle, at the very most. */
  readonly patienceMs: number;
  close(): Promise<void>;
}

export type WorldOptions = ClusterOptions & EmbeddedOptions;

export async function openWorld(options: WorldOptions): Promise<World> {
  if (options.kubeconfig === undefined && options.context === undefined) return embeddedWorld(options);
  const { transport, origin } = await connect(options);
  return {
    title: `cluster at ${origin}`, transport, kubeconfig: options.kubeconfig, patienceMs: 300_000,
    close: () => {
      transport.close();
      return Promise.resolve();
    },
  };
}
