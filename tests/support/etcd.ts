/** The two things that tests want of etcd itself, by its JSON gateway. */

async function post(etcdUrl: string, path: string, body: unknown): Promise<{ header?: { revision?: string } }> {
  const response = await fetch(etcdUrl + path, { method: "POST", body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`etcd ${path}: ${response.status} ${await response.text()}`);
  return await response.json() as { header?: { revision?: string } };
}

/** The revision of the store: the resourceVersion that the next write will exceed. 64 bits, hence text. */
export async function etcdRevision(etcdUrl: string): Promise<string> {
  const answer = await post(etcdUrl, "/v3/kv/range", { key: Buffer.from("/").toString("base64"), count_only: true });
  return answer.header?.revision ?? "0";
}

/** Forgets all history up to now; a watch or a list that continues from before gets 410 Gone once the API server has no own memory of it. */
export async function etcdCompact(etcdUrl: string): Promise<string> {
  const revision = await etcdRevision(etcdUrl);
  await post(etcdUrl, "/v3/kv/compaction", { revision, physical: true });
  return revision;
}
