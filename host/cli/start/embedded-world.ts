/** The embedded cluster behind HTTP on loopback, with a kubeconfig for it. */
import type { World } from "./world.ts";

export interface EmbeddedOptions {
  /** Where modules and the kubeconfig go. */
  out: string;
  data?: string;
  port?: string;
  nodes: string;
}

export function embeddedWorld(_options: EmbeddedOptions): Promise<World> {
  throw new Error("being built");
}
