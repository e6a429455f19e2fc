/** Processor time and memory of processes, from /proc. Linux only. */
import { readFileSync, readdirSync } from "node:fs";

/** Clock ticks in a second (USER_HZ), the same on every Linux of today. */
export const TICKS_PER_SECOND = 100;

interface Stat { parent: number; ticks: number }

/** User and system time of a process and of its children that have ended. `undefined`: no such process. */
function statOf(pid: number): Stat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  // The name, in parentheses, may hold blanks.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const at = (index: number): number => Number(fields[index]);
  return { parent: at(1), ticks: at(11) + at(12) + at(13) + at(14) };
}

/** A process and everything below it. */
export function treeOf(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    const parent = Number.isInteger(pid) ? statOf(pid)?.parent : undefined;
    if (parent !== undefined) children.set(parent, [...children.get(parent) ?? [], pid]);
  }
  const tree = [root];
  for (let index = 0; index < tree.length; index++) tree.push(...children.get(tree[index] as number) ?? []);
  return tree;
}

/** Seconds of processor time that these processes have had. */
export function cpuSecondsOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + (statOf(pid)?.ticks ?? 0), 0) / TICKS_PER_SECOND;
}

/** Seconds of processor time that the whole machine has spent, waiting apart. */
export function machineCpuSeconds(): number {
  const [user, nice, system, , , irq, softIrq, steal] = (readFileSync("/proc/stat", "utf8").split("\n", 1)[0] ?? "").trim().split(/\s+/).slice(1).map(Number);
  return [user, nice, system, irq, softIrq, steal].reduce<number>((sum, value) => sum + (value ?? 0), 0) / TICKS_PER_SECOND;
}

/** Resident memory, now and at its highest, MiB, over all these processes. */
export function memoryMibOf(pids: readonly number[]): { now: number; peak: number } {
  const sum = { now: 0, peak: 0 };
  for (const pid of pids) {
    let text: string;
    try {
      text = readFileSync(`/proc/${pid}/status`, "utf8");
    } catch {
      continue; // Ended meanwhile.
    }
    const kib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1] ?? 0);
    sum.now += kib("VmRSS") / 1024;
    sum.peak += kib("VmHWM") / 1024;
  }
  return sum;
}
