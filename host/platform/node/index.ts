/**
 * The platform on Node: the system clock, libuv's timers, OpenSSL's randomness and digest, Buffer's codecs.
 */
import type { Platform } from "../platform.ts";
import { nodeClock, nodeRandom, nodeTimers } from "./clock.ts";
import { nodeDigest } from "./digest.ts";
import { nodeText } from "./text.ts";

export function nodePlatform(): Platform {
  return { clock: nodeClock, timers: nodeTimers, random: nodeRandom, text: nodeText, digest: nodeDigest };
}
