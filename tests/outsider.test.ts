/**
 * The path of somebody who has never seen this project: `npm pack`, installed in an empty folder, then what README and
 * guide tell, command by command as they stand there. No command that they show is left untried.
 */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { startControlPlane, type ControlPlane } from "./support/control-plane.ts";
import { emptyFolderWithToque, type Outsider } from "./support/outsider.ts";
import { until } from "./support/wait.ts";

const root = new URL("../", import.meta.url).pathname;
const read = (file: string): string => readFileSync(join(root, file), "utf8");
const started = await startControlPlane();
const noCluster = "skipped" in started ? started.skipped : false;
const plane = started as ControlPlane;
/** Every command of the documents that was run; the first is what `emptyFolderWithToque` does, and this is `npm test`. */
const ran = new Set(["npm install toque", "npm test"]);
let outsider: Outsider;

/** The commands of the ```sh blocks, in order. */
function commandsOf(file: string): string[] {
  const blocks = [...read(file).matchAll(/^```sh\n([\s\S]*?)^```/gm)];
  return blocks.flatMap(([, block]) => block!.split("\n")).map((line) => line.replace(/\s+#.*$/, "").trim()).filter((line) => line !== "");
}
const needsCluster = (command: string): boolean => /^npm start|toque run|kubectl/.test(command);

/** Runs a document's commands from the first to the last; returns what each printed. Those that go on for ever end when they serve. */
async function follow(commands: readonly string[], from: string): Promise<{ cwd: string; printed: Map<string, string> }> {
  let cwd = from;
  const printed = new Map<string, string>();
  for (const command of commands) {
    if (command.startsWith("npm ") || (noCluster !== false && needsCluster(command))) continue;
    // As a package, the command is npx's to find.
    const typed = command.startsWith("toque ") ? `npx ${command}` : command;
    if (command.startsWith("cd ")) cwd = join(cwd, command.slice(3));
    else if (command.includes("toque run ")) await untilItSays(typed, cwd, plane.kubeconfig, /caches are in/);
    else printed.set(command, outsider.sh(typed, cwd, needsCluster(command) ? plane.kubeconfig : ""));
    ran.add(command);
    if (command.includes("reconcile.ts") && from === outsider.folder) changeTheRule(join(cwd, "reconcile.ts"));
  }
  return { cwd, printed };
}

/** Runs what does not end by itself until it has printed `sign`. */
async function untilItSays(command: string, cwd: string, kubeconfig: string, sign: RegExp): Promise<void> {
  const child = spawn("bash", ["-c", command], { cwd, env: outsider.env(kubeconfig), detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => { output += data; });
  try {
    await until(`${command} says ${sign}`, () => {
      if (child.exitCode !== null || sign.test(output)) return true;
      throw new Error(output);
    }, { timeoutMs: 60_000 });
    assert.match(output, sign);
  } finally {
    // npx and npm start it as a child of theirs: the whole group.
    if (child.exitCode === null) process.kill(-child.pid!, "SIGTERM");
  }
}

/** As the guide says, in `deploymentOf`. */
function changeTheRule(file: string): void {
  const source = readFileSync(file, "utf8");
  const rule = /^replicas: .*$/m.exec(read("docs/GUIDE.md"))?.[0];
  const changed = source.replace("replicas: app.spec.replicas,", rule ?? "");
  assert.notEqual(changed, source, "the guide's rule has no place in reconcile.ts any more");
  assert.ok(read("README.md").includes(rule!), "README shows another rule than the guide");
  writeFileSync(file, changed);
}

describe("a newcomer", () => {
  before(async () => { outsider = await emptyFolderWithToque("kubectl" in plane ? plane.kubectlCommand : undefined); });
  after(async () => {
    outsider?.remove();
    if (noCluster === false) await plane.stop();
  });

  it("follows the guide from an empty folder, into a cluster if there is one", async () => {
    const { printed } = await follow(commandsOf("docs/GUIDE.md"), outsider.folder);
    const plan = printed.get("npx toque plan -f samples/web.yaml --offline") ?? "";
    assert.match(plan, /Website default\/web {2}\(new; offline[\s\S]*apply {2}Deployment web/);
    assert.match(plan, /spec\.replicas: 2/, "the changed rule is not in the plan");
    if (noCluster !== false) return;
    const { args, image } = (await plane.api.must("GET", "/apis/apps/v1/namespaces/toque-system/deployments/toque-website")).spec.template.spec.containers[0];
    assert.deepEqual([args.slice(0, 2), image], [["run", "/operators/website.wasm"], "registry.example/website:1"]);
  });

  it("makes an image as the guide says: what is copied is there, and runs without any package", () => {
    const dockerfile = /^```dockerfile\n([\s\S]*?)^```/m.exec(read("docs/GUIDE.md"))![1]!;
    const image = join(outsider.folder, "image");
    for (const [, from, to] of dockerfile.matchAll(/^COPY (\S+) (\S+)$/gm)) {
      const into = to!.endsWith("/") ? join(image, to!, from!.split("/").at(-1)!) : join(image, to!);
      cpSync(join(outsider.folder, from!), into, { recursive: true });
    }
    const [program, script] = JSON.parse(/^ENTRYPOINT (.*)$/m.exec(dockerfile)![1]!) as [string, string];
    assert.equal(program, "node");
    const done = spawnSync(process.execPath, [join(image, script), "inspect", join(image, "operators/website.wasm")], { cwd: image, encoding: "utf8" });
    assert.match(done.stdout, /^website 0\.1\.0 {2}\(protocol 1, verified\)/, done.stderr);
  });

  it("follows the README from an empty folder", async () => {
    const cwd = join(outsider.folder, "readme");
    mkdirSync(join(cwd, "assembly"), { recursive: true });
    symlinkSync("../node_modules", join(cwd, "node_modules"));
    // README's first commands are those of a checkout.
    symlinkSync("../node_modules/toque/assembly/operators", join(cwd, "assembly/operators"));
    const { printed } = await follow(commandsOf("README.md"), cwd);
    assert.match(printed.get("npx toque plan -f samples/web.yaml --offline") ?? "", /Website default\/web[\s\S]*apply {2}Deployment web/);
  });

  it("starts the checkout on a cluster of his own", { skip: noCluster }, async () => {
    await untilItSays(`npm start -- --kubeconfig ${plane.kubeconfig}`, root, "", /Deployment\/web/);
    ran.add("npm start");
  });

  it("finds no command in README or guide that was not run here", () => {
    const shown = [...commandsOf("README.md"), ...commandsOf("docs/GUIDE.md")];
    assert.ok(shown.length > 15);
    assert.deepEqual(shown.filter((command) => !ran.has(command) && !(noCluster !== false && needsCluster(command))), []);
  });

  it("is told in words that Node is too old", { skip: existsSync("/usr/bin/node") ? false : "no other Node on this machine" }, (t) => {
    const version = spawnSync("/usr/bin/node", ["--version"], { encoding: "utf8" }).stdout.trim();
    if (Number(version.slice(1).split(".")[0]) >= 22) return t.skip(`the machine's Node is ${version}`);
    const done = spawnSync("/usr/bin/node", [join(outsider.folder, "node_modules/toque/build/dist/toque.mjs"), "--version"], { encoding: "utf8" });
    assert.equal(done.status, 2);
    assert.match(done.stderr, /toque needs Node 22\.19 or newer; this is v/);
  });

  it("is told wrong words and missing files in one line, with exit code 2", () => {
    for (const [command, message] of [
      ["toque inspect nothing.wasm", /can't read nothing\.wasm: there is no such file/],
      ["toque plan -f nothing.yaml --offline website/build/website.wasm", /can't read nothing\.yaml: there is no such file/],
      ["toque run website/build/website.wasm", /KUBE1001 no cluster is configured/],
      ["toque run website/build/website.wasm --workers none", /--workers takes a whole number from 1, not 'none'/],
      ["toque biuld", /unknown command 'biuld'[\s\S]*Did you mean build/],
    ] as const) {
      const done = spawnSync("bash", ["-c", `npx ${command}`], { cwd: outsider.folder, encoding: "utf8", env: outsider.env("") });
      assert.equal(done.status, 2, `${command}: ${done.stderr}`);
      assert.match(done.stderr, message);
    }
  });
});
