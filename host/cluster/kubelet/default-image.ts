/**
 * The programs behind images that nobody described: one that runs and answers 200, and a shell that understands the few
 * commands that samples are made of.
 */
import type { ContainerContext, ExecResult, SimulatedImage, SimulatedProcess } from "./image.ts";

/** How long a program runs that is meant to end and of which nothing is known. */
const TASK_MS = 1000;

/**
 * Runs forever where the Pod is meant to; in a Job it ends well after a second. A command that is a shell's is followed.
 */
export const DEFAULT_IMAGE: SimulatedImage = {
  start(context) {
    const script = scriptOf([...context.command, ...context.args]);
    if (script !== undefined) return runScript(context, script);
    if (context.restartPolicy !== "Always") context.after(TASK_MS, () => context.exit(0));
    return new QuietProcess();
  },
};

/** An image whose program is a shell: without a command it has nothing to do, and ends. */
export const SHELL_IMAGE: SimulatedImage = {
  start(context) {
    const words = [...context.command, ...context.args];
    return runScript(context, words.length === 0 ? "exit 0" : scriptOf(words) ?? words.join(" "));
  },
};

class QuietProcess implements SimulatedProcess {
  exec(command: readonly string[]): ExecResult {
    const script = scriptOf(command) ?? command.join(" ");
    let [exitCode, stdout] = [0, ""];
    for (const step of stepsOf(script)) {
      if (step.kind === "echo") stdout += `${step.text}\n`;
      else if (step.kind === "exit") return { exitCode: step.code, stdout };
      exitCode = step.kind === "fail" ? 1 : 0;
    }
    return { exitCode, stdout };
  }
}

type Step = { kind: "echo"; text: string } | { kind: "sleep"; ms: number } | { kind: "exit"; code: number } | { kind: "fail" } | { kind: "forever" } | { kind: "nothing" };

/** The script of `sh -c SCRIPT`, or a bare command that a shell would know; undefined: some program. */
function scriptOf(words: readonly string[]): string | undefined {
  const [program = "", flag = "", script] = words;
  if (/(^|\/)(ba|da|a)?sh$/.test(program)) return /^-[a-z]*c$/.test(flag) ? script ?? "" : "exit 0";
  return /^(echo|sleep|exit|true|false)$/.test(program.split("/").at(-1)!) ? words.join(" ").replace(program, program.split("/").at(-1)!) : undefined;
}

function runScript(context: ContainerContext, script: string): SimulatedProcess {
  const steps = stepsOf(script);
  const run = (at: number, status: number): void => {
    const step = steps[at];
    if (step === undefined) return context.exit(status);
    switch (step.kind) {
      case "echo": context.log(step.text); return run(at + 1, 0);
      case "sleep": return void context.after(step.ms, () => run(at + 1, 0));
      case "exit": return context.exit(step.code);
      case "fail": return run(at + 1, 1);
      case "forever": return;
      case "nothing": return run(at + 1, 0);
    }
  };
  // A process that ends at once still has to have started.
  context.after(0, () => run(0, 0));
  return new QuietProcess();
}

/** Commands one after the other; what follows a failed `&&` is left out. What isn't understood does nothing, and well. */
function stepsOf(script: string): Step[] {
  const text = script.trim();
  if (/\bwhile\s+(true|:|\[ 1 \])/.test(text) || /sleep\s+inf/.test(text) || /tail\s+-f/.test(text)) return [{ kind: "forever" }];
  const steps: Step[] = [];
  for (const part of text.split(/;|\n|&&/)) {
    const step = stepOf(part.trim());
    if (step !== undefined) steps.push(step);
  }
  return steps;
}

const UNIT_MS: { [unit: string]: number } = { "": 1000, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function stepOf(command: string): Step | undefined {
  const [name = "", ...rest] = command.split(/\s+/);
  switch (name.split("/").at(-1)) {
    case "": return undefined;
    case "echo": return { kind: "echo", text: rest.join(" ").replace(/\s*[12]?>.*$/, "").replace(/^["']|["']$/g, "") };
    case "sleep": {
      const [, number = "0", unit = ""] = /^([\d.]+)([smhd]?)$/.exec(rest[0] ?? "") ?? [];
      return { kind: "sleep", ms: Number(number) * UNIT_MS[unit]! };
    }
    case "exit": return { kind: "exit", code: Number.parseInt(rest[0] ?? "0", 10) || 0 };
    case "false": return { kind: "fail" };
    default: return { kind: "nothing" };
  }
}
