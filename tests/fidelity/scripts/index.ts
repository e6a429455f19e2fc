/** Every script that is not made from a seed. */
import type { Script } from "../declare.ts";
import { CUSTOM } from "./custom.ts";
import { LIVES } from "./lives.ts";
import { WATCHES } from "./watches.ts";

export const SCRIPTS: readonly Script[] = [...LIVES, ...WATCHES, ...CUSTOM];
