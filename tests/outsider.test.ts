/**
 * The path of somebody who has never seen this project: `npm pack`, installed in an empty folder, and the guide's first
 * operator, command by command as the guide has them.
 */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";

const root = new URL("../", import.meta.url).pathname;
let folder: string;

/** The commands of the guide's ```sh blocks, in order. */
function commandsOf(file: string): string[] {
  const blocks = [...readFileSync(join(root, file), "utf8").matchAll(/^```sh\n([\s\S]*?)^```/gm)];
  return blocks.flatMap(([, block]) => block!.split("\n")).map((line) => line.replace(/\s+#.*$/, "").trim()).filter((line) => line !== "");
}

function sh(command: string, cwd: string): string {
  const done = spawnSync("bash", ["-c", command], { cwd, encoding: "utf8", env: { ...process.env, KUBECONFIG: "", HOME: folder, PATH: `${dirname(process.execPath)}:${process.env["PATH"]}` } });
  assert.equal(done.status, 0, `${command}\n${done.stdout}${done.stderr}`);
  return done.stdout;
}

before(() => {
  folder = mkdtempSync(join(tmpdir(), "toque-outsider-"));
  execFileSync(process.execPath, ["host/cli/bundle.ts"], { cwd: root });
  const [packed] = JSON.parse(execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })) as { filename: string }[];
  const home = join(folder, "node_modules", "toque");
  mkdirSync(home, { recursive: true });
  execFileSync("tar", ["-xzf", join(folder, packed!.filename), "-C", home, "--strip-components=1"]);
  // What the registry would bring: the packages that the package asks for, from the project's own.
  const { dependencies } = JSON.parse(readFileSync(join(home, "package.json"), "utf8")) as { dependencies: { [name: string]: string } };
  for (const name of Object.keys(dependencies)) {
    mkdirSync(dirname(join(folder, "node_modules", name)), { recursive: true });
    symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
  }
  mkdirSync(join(folder, "node_modules", ".bin"));
  symlinkSync("../toque/build/dist/toque.mjs", join(folder, "node_modules", ".bin", "toque"));
});
after(() => rmSync(folder, { recursive: true, force: true }));

test("the guide's first operator, from an empty folder", () => {
  let cwd = folder;
  let printed = "";
  for (const command of commandsOf("docs/GUIDE.md")) {
    if (command.startsWith("npm install") || command.includes("toque run")) continue;
    if (command.startsWith("cd ")) cwd = join(cwd, command.slice(3));
    else printed = sh(command, cwd);
    if (command.startsWith("sed")) changeTheRule(join(cwd, "reconcile.ts"));
  }
  assert.match(printed, /Website default\/web {2}\(new; offline/);
  assert.match(printed, /apply {2}Deployment web/);
});

/** As the guide says, in `deploymentOf`. */
function changeTheRule(file: string): void {
  const source = readFileSync(file, "utf8");
  const rule = /^replicas: .*$/m.exec(readFileSync(join(root, "docs/GUIDE.md"), "utf8"))?.[0];
  const changed = source.replace("replicas: app.spec.replicas,", rule ?? "");
  assert.notEqual(changed, source, "the guide's rule has no place in reconcile.ts any more");
  writeFileSync(file, changed);
}

test("the changed rule is in the plan", () => {
  const cwd = join(folder, "website");
  writeFileSync(join(cwd, "one.yaml"), "apiVersion: acme.example/v1\nkind: Website\nmetadata: {name: one}\nspec: {image: nginx, port: 80, replicas: 1}\n");
  assert.match(sh("npx toque plan -f one.yaml --offline", cwd), /spec\.replicas: 2/);
});

test("the README's commands, those that need no cluster", () => {
  mkdirSync(join(folder, "assembly"), { recursive: true });
  if (!existsSync(join(folder, "assembly", "operators"))) symlinkSync(join(folder, "node_modules/toque/assembly/operators"), join(folder, "assembly/operators"));
  const commands = commandsOf("README.md").filter((command) => command.startsWith("toque ") && !command.startsWith("toque run"));
  assert.ok(commands.length >= 4);
  for (const command of commands) sh(`npx ${command}`, folder);
});

test("a Node that is too old is told so, in words", { skip: existsSync("/usr/bin/node") ? false : "no other Node on this machine" }, (t) => {
  const version = execFileSync("/usr/bin/node", ["--version"], { encoding: "utf8" }).trim();
  if (Number(version.slice(1).split(".")[0]) >= 22) return t.skip(`the machine's Node is ${version}`);
  const done = spawnSync("/usr/bin/node", [join(folder, "node_modules/toque/build/dist/toque.mjs"), "--version"], { encoding: "utf8" });
  assert.equal(done.status, 2);
  assert.match(done.stderr, /toque needs Node 22\.19 or newer; this is v/);
});

test("wrong words and missing files are told in one line, with exit code 2", () => {
  for (const [command, message] of [
    ["toque inspect nothing.wasm", /can't read nothing\.wasm: there is no such file/],
    ["toque plan -f nothing.yaml --offline website/build/website.wasm", /can't read nothing\.yaml: there is no such file/],
    ["toque run website/build/website.wasm", /KUBE1001 no cluster is configured/],
    ["toque run website/build/website.wasm --workers none", /--workers takes a whole number from 1, not 'none'/],
    ["toque biuld", /unknown command 'biuld'[\s\S]*Did you mean build/],
  ] as const) {
    const done = spawnSync("bash", ["-c", `npx ${command}`], { cwd: folder, encoding: "utf8", env: { ...process.env, KUBECONFIG: "", HOME: folder, PATH: `${dirname(process.execPath)}:${process.env["PATH"]}` } });
    assert.equal(done.status, 2, `${command}: ${done.stderr}`);
    assert.match(done.stderr, message);
  }
});
