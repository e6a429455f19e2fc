/**
 * Pods as a real API server answered them (tests/recordings), one after another and from the start again, each under a
 * name and uid of its own.
 */
import { readFileSync } from "node:fs";

interface RecordedPod { metadata: { name: string; uid: string }; spec: { containers: { image: string }[] } }

const RECORDING = new URL("../../recordings/pods-1.36.json", import.meta.url);
const { items } = JSON.parse(readFileSync(RECORDING, "utf8")) as { items: RecordedPod[] };

/** What all of them run. */
export const IMAGE = items[0]!.spec.containers[0]!.image;

/** With `apiVersion` and `kind` in front, which the items of a list lack; managedFields and all. */
export function pod(index: number): RecordedPod {
  const recorded = items[index % items.length]!;
  const uid = recorded.metadata.uid.slice(0, 24) + index.toString(16).padStart(12, "0");
  const metadata = { ...recorded.metadata, name: `db-${index}`, uid };
  return Object.assign({ apiVersion: "v1", kind: "Pod" }, recorded, { metadata });
}

/** As a host's cache would hold it: without managedFields. */
export function podText(index: number): string {
  return JSON.stringify(pod(index), (field, value: unknown) => (field === "managedFields" ? undefined : value));
}
