/** The embedded cluster behind its HTTP front, for scripts. */
import { createCluster } from "../../host/cluster/cluster.ts";
import { trusting } from "../../host/cluster/api/trusting.ts";
import { startParts } from "../../host/cluster/parts.ts";
import { serveHttp } from "../../host/platform/node/http-server.ts";
import { nodePlatform } from "../../host/platform/node/index.ts";
import { nodeYaml } from "../../host/platform/node/yaml-codec.ts";
import type { Server } from "./target.ts";

/** `parts`: with controllers and nodes; without, it is an API server alone. */
export async function embeddedServer({ parts: withParts = false }: { parts?: boolean } = {}): Promise<{ server: Server; stop(): Promise<void> }> {
  const platform = nodePlatform();
  const cluster = createCluster(platform, { yaml: nodeYaml, adminToken: "admin-token" });
  const parts = withParts ? startParts(cluster, platform) : undefined;
  const http = await serveHttp(trusting(cluster.server, cluster.admin), { tooLarge: { status: 413, headers: {}, body: "" } });
  return {
    server: { name: "embedded", url: http.url, token: cluster.adminToken },
    async stop() {
      parts?.stop();
      await http.close();
    },
  };
}
