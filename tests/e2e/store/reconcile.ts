/** A Store: one etcd Pod, asked who its members are, with each key of the spec put into it once. */
import { Container, int, Json, Pod, readJson, Store, StoreObserved, StorePlan, StoreStatus } from "./generated";

/** From the first key to the last. */
const ALL_KEYS = '{"key":"AA==","range_end":"AA==","keys_only":true}';
const LOOK_AGAIN_MS = 500;

export function reconcile(store: Store, observed: StoreObserved): StorePlan {
  const plan = StorePlan.for(store);
  if (store.metadata.deletionTimestamp !== null) return plan;
  // No watch tells when etcd's answer changes.
  plan.requeueAfter(LOOK_AGAIN_MS);
  const name = store.metadata.name + "-0";
  if (observed.pod(name) === null) return plan.createPod(podOf(store, name), "Wanted").progressing(name + " is starting");

  const status: StoreStatus = { putting: store.status.putting };
  const secret = store.spec.clientSecret;
  const members = secret === null ? observed.memberList(name, "{}") : observed.secureMembers(name, secret, "{}");
  const found = members.isValue ? namesIn(members.value, "members", "name") : null;
  if (found === null) {
    status.unobserved = members.isValue ? "the answer is not etcd's: " + members.value : members.reason;
    if (secret !== null && !members.isValue && members.body.length > 0) status.unobserved = members.reason + ": " + members.body;
    if (members.httpStatus != 0) status.unobservedStatus = int(members.httpStatus);
    return plan.status(status).blocked("MembersUnknown", "no members: " + status.unobserved!);
  }
  status.members = found;
  if (secret !== null) return plan.status(status);
  const nowhere = observed.nowhere(name);
  status.nowhere = nowhere.isValue ? nowhere.value : nowhere.reason + ": " + nowhere.body;

  const stored = observed.range(name, ALL_KEYS);
  const keys = stored.isValue ? namesIn(stored.value, "kvs", "key") : null;
  if (keys === null) return plan.status(status).blocked("KeysUnknown", "no keys: " + stored.reason);
  const next = firstMissing(store.spec.keys, keys);
  if (next === null) return plan.status(status);
  status.putting = withKey(store.status.putting, next);
  return plan.latch({ putting: status.putting }, "Putting").put(name, "KeyMissing", '{"key":"' + next + '","value":"eA=="}').status(status).progressing("putting " + next);
}

function podOf(store: Store, name: string): Pod {
  const container: Container = { name: "etcd", image: store.spec.image, command: store.spec.command };
  const pod: Pod = { metadata: { name }, spec: { nodeName: store.spec.node, terminationGracePeriodSeconds: int(0), containers: [container] } };
  const secret = store.spec.serverSecret;
  if (secret !== null) {
    pod.spec.volumes = [{ name: "tls", secret: { secretName: secret } }];
    container.volumeMounts = [{ name: "tls", mountPath: "/tls" }];
  }
  return pod;
}

/** `member` of each object in the list `list` of an answer. etcd leaves an empty list out. Null when the answer is no object. */
function namesIn(answer: string, list: string, member: string): string[] | null {
  const parsed = readJson(answer);
  if (parsed === null || parsed.member("header") === null) return null;
  const names: string[] = [];
  const found = parsed.member(list);
  if (found === null) return names;
  const items = found.items();
  if (items === null) return null;
  for (let i = 0; i < items.length; i++) {
    const name = items[i].member(member);
    if (name === null) continue;
    const text = name.asString();
    if (text !== null) names.push(text);
  }
  return names;
}

function firstMissing(wanted: string[] | null, there: string[]): string | null {
  if (wanted === null) return null;
  for (let i = 0; i < wanted.length; i++) if (!there.includes(wanted[i])) return wanted[i];
  return null;
}

function withKey(keys: string[] | null, key: string): string[] {
  if (keys === null) return [key];
  return keys.includes(key) ? keys : keys.concat([key]);
}
