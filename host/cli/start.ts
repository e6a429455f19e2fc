/**
 * `npm start`: the MyApp operator on the embedded cluster, or with `--kubeconfig FILE` on a real one; `npm start -- FOLDER`
 * takes another operator. The options are those of `toque start`.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { main } from "./main.ts";

const args = process.argv.slice(2);
const named = args.some((arg) => existsSync(join(arg, "operator.yaml")));
const myApp = ["assembly/operators/myapp", "--filename", "assembly/operators/myapp/samples/web.yaml"];
process.exitCode = await main(["start", ...(named ? [] : myApp), ...args]);
