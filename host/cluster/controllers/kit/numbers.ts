/** Numbers as Kubernetes writes them, and times. */
import { parseRfc3339 } from "../../../values/time.ts";
import type { IntOrString } from "../../typed/resource.ts";

/** A count, or "30%" of `total`, rounded up or down. Undefined counts as 0. */
export function scaled(value: IntOrString | undefined, total: number, round: "up" | "down"): number {
  if (value === undefined) return 0;
  if (typeof value === "number") return value;
  const share = (Number.parseInt(value, 10) * total) / 100;
  return round === "up" ? Math.ceil(share) : Math.floor(share);
}

/** Milliseconds since the epoch; undefined for no time. */
export function timeMs(text: string | null | undefined): number | undefined {
  if (text === undefined || text === null) return undefined;
  const parsed = parseRfc3339(text);
  return parsed === undefined ? undefined : parsed.seconds * 1000 + Math.floor(Number(`0.${parsed.fraction || "0"}`) * 1000);
}
