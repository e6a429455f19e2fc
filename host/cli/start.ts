/**
 * `npm start`: builds the MyApp operator and runs it on the current kubeconfig. Without one: one line, exit 2.
 *
 * `npm start -- --kubeconfig FILE` and the other options of `toque run` are passed on.
 */
import { loadTarget } from "../platform/node/index.ts";
import { coded, EXIT } from "./errors.ts";
import { main } from "./main.ts";

const args = process.argv.slice(2);
const at = args.indexOf("--kubeconfig");
const file = at === -1 ? args.find((arg) => arg.startsWith("--kubeconfig="))?.slice("--kubeconfig=".length) : args[at + 1];

try {
  await loadTarget(file === undefined ? {} : { file });
  // First the build: its mistakes are of this checkout, the cluster's come after.
  process.exitCode = await main(["build", "assembly/operators/myapp"]) || await main(["run", "build/myapp.wasm", "--install", ...args]);
} catch (error) {
  console.error(`toque: ${coded(error as Error)}`);
  process.exitCode = EXIT.usage;
}
