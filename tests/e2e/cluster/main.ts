/** The test cluster from the command line. See README.md. */
import { spawnSync } from "node:child_process";
import { compact, killApiServer, startApiServer } from "./control-plane.ts";
import { addNode, cut, cutPower, down, heal, kubectl, up } from "./cluster.ts";
import { importImage } from "./node.ts";
import { entry } from "./sandbox.ts";

const USAGE = `usage: node tests/e2e/cluster/main.ts COMMAND
  up [NODES]                  control plane "cp" and nodes n1, n2, ... (default 1, at most 9)
  down                        stop everything, remove all state
  node N                      power node N on (again)
  poweroff N                  pull its plug
  cut N | heal N              take it off the network, and back
  in NAME COMMAND...          run in a sandbox (cp, n1, ...): Pod, Service and DNS addresses work there
  kubectl ARGS...             as the admin
  image NAME ARCHIVE          give a node an image
  apiserver kill | start | restart
  compact                     make etcd forget all history
`;

const [command = "", ...args] = process.argv.slice(2);

/** A node's number, 1 to 9. */
function nodeNumber(): number {
  const number = Number(args[0]);
  if (!Number.isInteger(number) || number < 1 || number > 9) throw new Error(`${command} wants a node's number, 1 to 9`);
  return number;
}

async function apiServer(what: string | undefined): Promise<void> {
  if (what !== "kill" && what !== "start" && what !== "restart") throw new Error("apiserver kill, start or restart?");
  if (what !== "start") await killApiServer();
  if (what !== "kill") await startApiServer();
}

const COMMANDS: { [name: string]: () => Promise<unknown> } = {
  up: () => up(args[0] === undefined ? 1 : nodeNumber(), console.log),
  down,
  node: () => addNode(nodeNumber()),
  poweroff: () => cutPower(nodeNumber()),
  cut: () => cut(nodeNumber()),
  heal: () => heal(nodeNumber()),
  async in() { process.exitCode = spawnSync("nsenter", [...entry(args[0] ?? ""), ...args.slice(1)], { stdio: "inherit" }).status ?? 1; },
  async kubectl() { process.stdout.write(await kubectl(...args)); },
  image: () => importImage(args[0] ?? "", args[1] ?? ""),
  apiserver: () => apiServer(args[0]),
  compact,
};

const run = COMMANDS[command];
if (run === undefined) {
  process.stderr.write(USAGE);
  process.exitCode = 2;
} else {
  await run().catch((error: Error) => {
    console.error(`cluster: ${error.message}`);
    process.exitCode = 1;
  });
}
