/**
 * `npm run clients`: real clients on the embedded cluster. `npm run clients -- kubectl [SCRIPT...]` `-- operators [NAME...]`
 * or `-- helm` runs one part; `--self` compares kubectl's words between two real servers. The last line is `N passed, N failed`.
 */
import { compareKubectl, type Outcome } from "./kubectl.ts";
import { tryHelm } from "./helm.ts";
import { tryOperators } from "./operators.ts";

const args = process.argv.slice(2);
const [part, ...rest] = args.filter((arg) => !arg.startsWith("--"));
const outcomes: Outcome[] = [];
if (part === undefined || part === "kubectl") outcomes.push(await compareKubectl(part === undefined ? [] : rest, args.includes("--self")));
if (part === undefined || part === "operators") outcomes.push(await tryOperators(part === undefined ? ["controller-runtime", "kopf"] : rest));
if (part === undefined || part === "helm") outcomes.push(await tryHelm());
const [passed, failed] = [outcomes.reduce((sum, each) => sum + each.passed, 0), outcomes.reduce((sum, each) => sum + each.failed, 0)];
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
