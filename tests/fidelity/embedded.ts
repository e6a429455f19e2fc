/** The embedded cluster behind its HTTP front, for scripts. */
import { createCluster } from "../../host/cluster/cluster.ts";
import { serveHttp } from "../../host/platform/node/http-server.ts";
import { nodePlatform } from "../../host/platform/node/index.ts";
import { nodeYaml } from "../../host/platform/node/yaml-codec.ts";
import type { Server } from "./target.ts";

/** `controllers`: with the built-in controllers and nodes; without, it is an API server alone. */
export async function embeddedServer(_options: { controllers?: boolean } = {}): Promise<{ server: Server; stop(): Promise<void> }> {
  const { server } = createCluster(nodePlatform(), { adminToken: "admin-token", yaml: nodeYaml });
  const http = await serveHttp(server, { tooLarge: { status: 413, headers: {}, body: "" } });
  return { server: { name: "embedded", url: http.url, token: "admin-token" }, stop: () => http.close() };
}
