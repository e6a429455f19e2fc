/** The embedded cluster behind its HTTP front, for scripts. */
import type { Server } from "./target.ts";

export function embeddedServer(): Promise<{ server: Server; stop(): Promise<void> }> {
  throw new Error("not yet: use --self");
}
