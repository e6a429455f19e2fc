/**
 * The requests of `testing/requests.ts`, sent to a real API server and to the embedded one: status, warnings, content type
 * and body are the same, but for uids, times, numbers and what the two say of themselves.
 */
import assert from "node:assert/strict";
import { request as send } from "node:https";
import { after, before, test } from "node:test";
import { differences, Normaliser } from "../../../tests/fidelity/normalise.ts";
import { startControlPlane, type ControlPlane } from "../../../tests/support/control-plane.ts";
import { until } from "../../../tests/support/wait.ts";
import { nodePlatform } from "../../platform/node/index.ts";
import { nodeYaml } from "../../platform/node/yaml-codec.ts";
import { createCluster, type Cluster } from "../cluster.ts";
import { REQUESTS, type Line } from "./testing/requests.ts";

// Answers of every kind.
type Loose = any;
interface Answer { status: number; warnings: string[]; type: string; body: Loose }

let plane: ControlPlane | { skipped: string } | undefined;
let cluster: Cluster;
before(async () => {
  plane = await startControlPlane({ audit: [], users: [{ name: "nobody" }, { name: "alice", groups: ["dev"] }] });
  const user = (name: string, group: string): { name: string; uid: string; groups: string[] } => ({ name, uid: name, groups: [group] });
  // A user without groups has one without a name there.
  cluster = createCluster(nodePlatform(), { yaml: nodeYaml, adminToken: "admin-token", tokens: { "nobody-token": user("nobody", ""), "alice-token": user("alice", "dev") } });
});
after(async () => { if (plane !== undefined && "stop" in plane) await plane.stop(); });

function headersOf(headers: readonly string[], text: string): { [name: string]: string } {
  const all: { [name: string]: string } = { authorization: "Bearer admin-token", accept: "application/json", "user-agent": "compare/1" };
  if (text !== "") Object.assign(all, { "content-type": "application/json", "content-length": String(Buffer.byteLength(text)) });
  for (const header of headers) {
    const colon = header.indexOf(":");
    const [name, value] = [header.slice(0, colon), header.slice(colon + 1)];
    if (value === "-") delete all[name];
    else all[name] = value;
  }
  return all;
}

function parsed(text: string): Loose {
  try {
    return withoutDescriptions(JSON.parse(text.replace(/(Too large resource version: \d+, current: )\d+/, "$1N")));
  } catch {
    return text;
  }
}

/** The server's own sentences about its fields are not repeated here. */
function withoutDescriptions(value: Loose): Loose {
  if (Array.isArray(value)) return value.map(withoutDescriptions);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== "description" && key !== "storageVersionHash").map(([key, member]) => [key, withoutDescriptions(member)]));
}

function real({ request: [method, path, body, ...headers] }: Line, { url, ca }: ControlPlane): Promise<Answer> {
  const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const outgoing = send(url + path, { method, headers: headersOf(headers, text), ca }, (incoming) => {
      let said = "";
      incoming.setEncoding("utf8").on("data", (chunk) => (said += chunk));
      incoming.on("end", () => resolve({
        status: incoming.statusCode ?? 0, warnings: [incoming.headers["warning"] ?? ""], type: incoming.headers["content-type"] ?? "", body: parsed(said),
      }));
    });
    outgoing.on("error", reject);
    outgoing.end(text);
  });
}

function embedded({ request: [method, path, body, ...headers] }: Line): Answer {
  const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
  const reply = cluster.server.answer({ method, path, headers: headersOf(headers, text), body: new TextEncoder().encode(text) });
  let said = String(reply.body);
  reply.stream?.({ write: (chunk) => { said += String(chunk); return true; }, end: () => undefined })();
  const warning = reply.headers["Warning"] ?? "";
  return { status: reply.status, warnings: [typeof warning === "string" ? warning : warning.join(", ")], type: String(reply.headers["Content-Type"] ?? ""), body: parsed(said) };
}

for (const [what, lines] of Object.entries(REQUESTS)) {
  test(what, async (t) => {
    if (plane === undefined || "skipped" in plane) return t.skip(plane?.skipped);
    const [left, right] = [new Normaliser(), new Normaliser()];
    const normal = (normaliser: Normaliser, answer: Answer): Loose => ({ ...normaliser.entry(answer as never), type: answer.type });
    const wrong: string[] = [];
    for (const line of lines) {
      const ours = embedded(line);
      let theirs = await real(line, plane);
      if (line.eventually === true) await until("the real server knows", async () => (theirs = await real(line, plane as ControlPlane)).status === ours.status || undefined, { timeoutMs: 10_000 });
      const found = differences(normal(left, theirs), normal(right, ours), 3);
      if (found.length > 0) wrong.push(`${JSON.stringify(line.request).slice(0, 300)}\n    ${found.join("\n    ")}`);
    }
    assert.deepEqual(wrong, [], wrong.slice(0, 5).join("\n"));
  });
}
