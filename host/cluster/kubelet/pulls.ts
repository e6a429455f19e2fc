/** Pulling images: once for a node, with back-off where the registry refuses. */
import type { Container, Pod } from "../typed/core.ts";
import type { ContainerRun } from "./container-run.ts";
import type { NodeHost } from "./node-host.ts";

const BACKOFF_FIRST_MS = 10_000;
const BACKOFF_MAX_MS = 300_000;
const SHOWN_MS = 1000;

interface Pull { doneMs: number; backoffMs: number; retryMs: number; shownMs: number; error: string; startedMs: number }
interface Puller { readonly pod: Pod; wakeIn(delayMs: number): void }

export class ImagePulls {
  readonly #host: NodeHost;
  readonly #owner: Puller;
  /** By image: a Pod backs off from an image, not from a container. */
  readonly #pulls = new Map<string, Pull>();

  constructor(host: NodeHost, owner: Puller) {
    this.#host = host;
    this.#owner = owner;
  }

  /** Pulls are under way that take no long time. */
  get soon(): boolean {
    for (const { doneMs } of this.#pulls.values()) if (doneMs > 0) return this.#host.timing.pullMs <= SHOWN_MS;
    return false;
  }

  /** Whether the container's image is there; if not, the pull goes on. */
  ready(run: ContainerRun, nowMs: number): boolean {
    const image = run.spec.image ?? "";
    const policy = policyOf(run.spec);
    const present = this.#host.present.has(image);
    if (policy === "Never" && !present) return this.#never(run, image);
    const pull = this.#pulls.get(image);
    if (pull === undefined || (pull.doneMs === 0 && pull.retryMs === 0)) {
      if (present && policy !== "Always") return this.#there(run, image);
      return this.#begin(run, image, nowMs, pull);
    }
    if (pull.doneMs > 0) return nowMs >= pull.doneMs ? this.#finish(run, image, pull, nowMs) : this.#wait(pull.doneMs - nowMs);
    if (nowMs >= pull.retryMs) return this.#begin(run, image, nowMs, pull);
    // The refusal is seen for a while before the back-off takes its place.
    if (nowMs < pull.shownMs) return this.#wait(pull.shownMs - nowMs);
    if (run.state.waiting?.reason === "ErrImagePull") {
      this.#tell(run, "Normal", "BackOff", `Back-off pulling image "${image}"`);
      this.#tell(run, "Warning", "Failed", "Error: ImagePullBackOff");
    }
    run.waitFor("ImagePullBackOff", `Back-off pulling image "${image}": ErrImagePull: ${pull.error}`);
    return this.#wait(pull.retryMs - nowMs);
  }

  #there(run: ContainerRun, image: string): boolean {
    this.#tell(run, "Normal", "Pulled", `Container image "${image}" already present on machine and can be accessed by the pod`);
    return true;
  }

  #never(run: ContainerRun, image: string): boolean {
    const message = `Container image "${image}" is not present with pull policy of Never`;
    if (run.state.waiting?.reason !== "ErrImageNeverPull") {
      this.#tell(run, "Warning", "ErrImageNeverPull", message);
      this.#tell(run, "Warning", "Failed", "Error: ErrImageNeverPull");
    }
    run.waitFor("ErrImageNeverPull", message);
    return this.#wait(BACKOFF_FIRST_MS);
  }

  #begin(run: ContainerRun, image: string, nowMs: number, before: Pull | undefined): boolean {
    this.#tell(run, "Normal", "Pulling", `Pulling image "${image}"`);
    const pull: Pull = { doneMs: nowMs + this.#host.timing.pullMs, backoffMs: before?.backoffMs ?? 0, retryMs: 0, shownMs: 0, error: "", startedMs: nowMs };
    this.#pulls.set(image, pull);
    return this.#host.timing.pullMs === 0 ? this.#finish(run, image, pull, nowMs) : this.#wait(this.#host.timing.pullMs);
  }

  #finish(run: ContainerRun, image: string, pull: Pull, nowMs: number): boolean {
    pull.doneMs = 0;
    const { image: found, error = "" } = this.#host.images.find(image);
    if (found !== undefined) {
      this.#pulls.delete(image);
      this.#host.present.set(image, found);
      const took = `${nowMs - pull.startedMs}ms`;
      this.#tell(run, "Normal", "Pulled", `Successfully pulled image "${image}" in ${took} (${took} including waiting). Image size: 1048576 bytes.`);
      return true;
    }
    pull.error = error;
    pull.backoffMs = pull.backoffMs === 0 ? BACKOFF_FIRST_MS : Math.min(BACKOFF_MAX_MS, pull.backoffMs * 2);
    pull.retryMs = nowMs + pull.backoffMs;
    this.#tell(run, "Warning", "Failed", `Failed to pull image "${image}": ${error}`);
    this.#tell(run, "Warning", "Failed", "Error: ErrImagePull");
    run.waitFor("ErrImagePull", error);
    pull.shownMs = nowMs + SHOWN_MS;
    return this.#wait(SHOWN_MS);
  }

  #wait(delayMs: number): false {
    this.#owner.wakeIn(delayMs);
    return false;
  }
  #tell(run: ContainerRun, type: "Normal" | "Warning", reason: string, message: string): void {
    this.#host.containerEvent(this.#owner.pod, run, type, reason, message);
  }
}

function policyOf({ imagePullPolicy, image = "" }: Container): string {
  return imagePullPolicy ?? (/:latest$|^[^:@]+$/.test(image) ? "Always" : "IfNotPresent");
}
