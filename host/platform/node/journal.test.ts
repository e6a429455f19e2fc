import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { Journal } from "../journal.ts";
import { openJournal } from "./journal.ts";

const folders: string[] = [];
after(() => { for (const folder of folders) rmSync(folder, { recursive: true, force: true }); });

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "toque-journal-"));
  folders.push(made);
  return made;
}
const durable = (journal: Journal): Promise<void> => new Promise((resolve) => journal.whenDurable(resolve));

test("what was appended is there again, in order", async () => {
  const at = folder();
  const first = openJournal(at);
  assert.deepEqual(first.records, []);
  for (let n = 0; n < 100; n++) first.journal.append(`record ${n} äöü`);
  await durable(first.journal);
  await first.journal.close();
  const again = openJournal(at);
  assert.deepEqual(again.records, Array.from({ length: 100 }, (_, n) => `record ${n} äöü`));
  assert.equal(again.mended, undefined);
  await again.journal.close();
});

test("a rewrite stands for what came before it, and loses nothing that comes meanwhile", async () => {
  const at = folder();
  const { journal } = openJournal(at);
  for (let n = 0; n < 2000; n++) journal.append(`old ${n}`);
  const rewriting = journal.rewrite(Array.from({ length: 1500 }, (_, n) => `state ${n}`));
  for (let n = 0; n < 50; n++) {
    journal.append(`new ${n}`);
    await durable(journal);
  }
  await rewriting;
  journal.append("last");
  await journal.close();
  assert.deepEqual(readdirSync(at), ["2.journal"]);
  const again = openJournal(at);
  assert.deepEqual(again.records, [...Array.from({ length: 1500 }, (_, n) => `state ${n}`), ...Array.from({ length: 50 }, (_, n) => `new ${n}`), "last"]);
  await again.journal.close();
});

for (const [what, damage] of [
  ["a line cut short", (path: string) => appendFileSync(path, "0badc0de half a li")],
  ["a wrong checksum", (path: string) => appendFileSync(path, "0badc0de a line\n")],
  ["a flipped bit in the last record", (path: string) => writeFileSync(path, readFileSync(path, "utf8").replace("three", "thrae"))],
] as const) {
  test(`${what} is cut off, with a message`, async () => {
    const at = folder();
    const { journal } = openJournal(at);
    for (const record of ["one", "two", "three"]) journal.append(record);
    await journal.close();
    damage(join(at, "1.journal"));
    const mended = openJournal(at);
    assert.deepEqual(mended.records, what.startsWith("a flipped") ? ["one", "two"] : ["one", "two", "three"]);
    assert.match(mended.mended!, /1\.journal was damaged behind its record [23]: \d+ bytes cut off/);
    mended.journal.append("four");
    await mended.journal.close();
    const again = openJournal(at);
    assert.equal(again.records.at(-1), "four");
    assert.equal(again.mended, undefined);
    await again.journal.close();
  });
}

test("two processes don't share a folder", async () => {
  const at = folder();
  writeFileSync(join(at, "lock"), String(process.ppid));
  assert.throws(() => openJournal(at), /is in use by process/);
  writeFileSync(join(at, "lock"), "999999999");
  await openJournal(at).journal.close();
});

test("what was acknowledged survives kill -9, whenever it comes", async () => {
  const program = `
    import { openJournal } from ${JSON.stringify(new URL("./journal.ts", import.meta.url).href)};
    const { journal } = openJournal(process.argv[1]);
    let n = 0;
    const next = () => { for (let k = 0; k < 7; k++) journal.append("record " + n++); journal.whenDurable(() => { process.stdout.write(n + "\\n"); if (n % 140 === 0) void journal.rewrite(Array.from({ length: n }, (_, i) => "record " + i)).catch(() => 0); setImmediate(next); }); };
    next();`;
  for (let round = 0; round < 3; round++) {
    const at = folder();
    const child = spawn(process.execPath, ["--input-type=module", "-e", program, at], { stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    await new Promise<void>((resolve) => {
      child.stdout.on("data", (chunk) => {
        said += String(chunk);
        if (said.length > 300 + 400 * round) child.kill("SIGKILL");
      });
      child.on("exit", () => resolve());
    });
    const acknowledged = Number(said.trimEnd().split("\n").at(-1));
    const { records, journal } = openJournal(at);
    assert.ok(records.length >= acknowledged, `${acknowledged} acknowledged, ${records.length} there`);
    assert.deepEqual(records, Array.from({ length: records.length }, (_, n) => `record ${n}`));
    await journal.close();
  }
});
