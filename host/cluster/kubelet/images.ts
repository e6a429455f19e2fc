/** Which program a reference to an image stands for, and whether it can be pulled. */
import { DEFAULT_IMAGE, SHELL_IMAGE } from "./default-image.ts";
import { fnv32a } from "../controllers/kit/hash.ts";
import type { SimulatedImage } from "./image.ts";

/** Matches the reference as written or in full ("docker.io/library/nginx:1.27"). `*` stands for any text. */
export type ImagePattern = string | RegExp;

export interface PullOutcome { readonly image?: SimulatedImage; readonly error?: string }

export class Images {
  readonly #rules: { matches: (reference: string) => boolean; outcome: PullOutcome }[] = [];
  #fallback: PullOutcome = { image: DEFAULT_IMAGE };

  constructor() {
    for (const name of ["busybox", "alpine", "bash", "debian", "ubuntu"]) this.register(new RegExp(`(^|/)${name}(:|@|$)`), SHELL_IMAGE);
  }

  /** Later registrations win. */
  register(pattern: ImagePattern, image: SimulatedImage): void { this.#add(pattern, { image }); }

  /** Pulls of such images fail, with what the registry would say. */
  refuse(pattern: ImagePattern, error?: string): void {
    this.#add(pattern, { error: error ?? "not found" });
  }
  /** Only what is registered can be pulled from now on. */
  refuseUnknown(): void { this.#fallback = { error: "not found" }; }

  find(reference: string): PullOutcome {
    const full = fullReference(reference);
    const rule = this.#rules.find(({ matches }) => matches(reference) || matches(full));
    const { image, error } = rule?.outcome ?? this.#fallback;
    if (error === undefined) return { image: image! };
    const unpack = `failed to pull and unpack image "${full}": failed to resolve reference "${full}"`;
    return { error: error === "not found" ? `rpc error: code = NotFound desc = ${unpack}: ${full}: not found` : `rpc error: code = Unknown desc = ${unpack}: ${error}` };
  }

  #add(pattern: ImagePattern, outcome: PullOutcome): void {
    const expression = typeof pattern === "string" ? new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`) : pattern;
    this.#rules.unshift({ matches: (reference) => expression.test(reference), outcome });
  }
}

/** With registry, repository and tag, as container statuses have it: "nginx" is "docker.io/library/nginx:latest". */
export function fullReference(reference: string): string {
  const first = reference.split("/")[0]!;
  const hasRegistry = reference.includes("/") && (first.includes(".") || first.includes(":") || first === "localhost");
  const named = hasRegistry ? reference : reference.includes("/") ? `docker.io/${reference}` : `docker.io/library/${reference}`;
  if (named.includes("@")) return named;
  return /:[^/]*$/.test(named) ? named : `${named}:latest`;
}

/** "docker.io/library/nginx@sha256:...", always the same for the same reference. */
export function imageIdOf(reference: string): string {
  const full = fullReference(reference);
  const digest = full.includes("@") ? full.slice(full.indexOf("@") + 1) : `sha256:${Array.from({ length: 8 }, (_, n) => fnv32a(full, n + 1).toString(16).padStart(8, "0")).join("")}`;
  const name = full.includes("@") ? full.slice(0, full.indexOf("@")) : full.slice(0, full.lastIndexOf(":"));
  return `${name}@${digest}`;
}
