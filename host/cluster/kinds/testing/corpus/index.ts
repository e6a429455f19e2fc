/** Examples of every kind that has rules. */
import type { Corpus } from "../differential.ts";
import { pods } from "./pods.ts";

export const ALL: readonly Corpus[] = [pods];
