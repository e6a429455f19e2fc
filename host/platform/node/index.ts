/**
 * The platform on Node: the system clock, libuv's timers, OpenSSL's randomness and digest, Buffer's codecs; and the way
 * to an API server, from a kubeconfig or a Pod's service account.
 */
import type { Platform } from "../platform.ts";
import { nodeClock, nodeRandom, nodeTimers } from "./clock.ts";
import { nodeDigest } from "./digest.ts";
import { loadTarget, type KubeconfigOptions } from "./kubeconfig.ts";
import { nodeText } from "./text.ts";
import { connectTo, type NodeTransport } from "./transport.ts";

export type { Endpoint } from "./endpoint.ts";
export type { KubeconfigOptions, Target } from "./kubeconfig.ts";
export { KubeconfigError } from "./kubeconfig-error.ts";
export type { NodeTransport } from "./transport.ts";
export { connectTo, loadTarget };

export function nodePlatform(): Platform {
  return { clock: nodeClock, timers: nodeTimers, random: nodeRandom, text: nodeText, digest: nodeDigest };
}

/** A connection to the cluster that the kubeconfig (or the Pod) names. Throws KubeconfigError; connects when first used. */
export async function nodeTransport(options: KubeconfigOptions = {}): Promise<{ transport: NodeTransport; namespace: string | undefined; origin: string }> {
  const target = await loadTarget(options);
  return { transport: connectTo(target), namespace: target.namespace, origin: target.origin };
}
