/** The embedded cluster behind its HTTP front, for scripts. */
import { createCluster } from "../../host/cluster/cluster.ts";
import { serveHttp } from "../../host/platform/node/http-server.ts";
import { nodePlatform } from "../../host/platform/node/index.ts";
import type { Server } from "./target.ts";

export async function embeddedServer(): Promise<{ server: Server; stop(): Promise<void> }> {
  const { server } = createCluster(nodePlatform());
  const http = await serveHttp(server, { tooLarge: { status: 413, headers: {}, body: "" } });
  return { server: { name: "embedded", url: http.url, token: "admin-token" }, stop: () => http.close() };
}
