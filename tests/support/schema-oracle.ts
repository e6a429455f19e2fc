/**
 * The API server's own decoding as a child process: tests/e2e/cluster/go/kube/oracle, built with the machine's Go. Answers
 * thousands of questions a second, which a whole server would not.
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

export type Question = { group: string; version: string; kind: string; body: string } | { quantity: string };
export interface Answer {
  /** Go's error. */
  error?: string;
  /** What strict decoding found: 'unknown field "x"'. */
  strict?: string[];
  /** What came out, as JSON text; of a question for a quantity, its canonical text. */
  object?: string;
  /** The same as a client would send it that sends protobuf; base64. */
  protobuf?: string;
}

export interface SchemaOracle {
  ask(questions: readonly Question[]): Promise<Answer[]>;
  stop(): Promise<void>;
}

/** Builds and starts it, or says why it can't; with TOQUE_REQUIRE_CLUSTER=1 that is an error instead. */
export function startSchemaOracle(): SchemaOracle | { skipped: string } {
  const folder = mkdtempSync(join(tmpdir(), "toque-oracle-"));
  const binary = join(folder, "oracle");
  try {
    // The modules are there where the test cluster was built; nothing is to be downloaded now.
    execFileSync("go", ["build", "-o", binary, "./oracle"], {
      cwd: new URL("../e2e/cluster/go/kube", import.meta.url), env: { ...process.env, CGO_ENABLED: "0", GOPROXY: "off" }, stdio: "pipe",
    });
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    const skipped = `the oracle of Go's types can't be built here: ${String(error).split("\n")[0]}`;
    if (process.env.TOQUE_REQUIRE_CLUSTER === "1") throw new Error(skipped, { cause: error });
    return { skipped };
  }
  const child = spawn(binary, [], { stdio: ["pipe", "pipe", "inherit"] });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(questions) {
      child.stdin.write(questions.map((question) => `${JSON.stringify(question)}\n`).join(""));
      const answers: Answer[] = [];
      for (const question of questions) {
        const line = await lines.next();
        if (line.done === true) throw new Error(`the oracle ended at ${JSON.stringify(question)}`);
        answers.push(JSON.parse(line.value) as Answer);
      }
      return answers;
    },
    async stop() {
      child.stdin.end();
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
