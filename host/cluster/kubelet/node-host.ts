/** What a node gives to the Pods on it. */
import type { Api } from "../controllers/kit/api.ts";
import type { Kit } from "../controllers/kit/kit.ts";
import type { Network } from "../network/network.ts";
import type { Pod } from "../typed/core.ts";
import type { ContainerRun } from "./container-run.ts";
import type { SimulatedImage } from "./image.ts";
import type { Images } from "./images.ts";
import type { VolumeData } from "./volumes.ts";

/** How long things take, in milliseconds. */
export interface Timing {
  /** From the assignment of a Pod to its first containers, images being there. */
  readonly startMs: number;
  /** The first pull of an image on a node. */
  readonly pullMs: number;
  /** From the end of a container to its next start, where nothing holds it back. */
  readonly restartMs: number;
}

export interface NodeHost {
  readonly name: string;
  readonly ip: string;
  readonly kit: Kit;
  readonly api: Api;
  readonly images: Images;
  readonly network: Network;
  readonly volumes: VolumeData;
  readonly timing: Timing;
  /** Images pulled already, by their reference. */
  readonly present: Map<string, SimulatedImage>;
  /** It reaches the API server: what a Pod's worker writes gets there. */
  readonly online: boolean;
  /** Undefined: all are taken. */
  allocateIp(): string | undefined;
  releaseIp(ip: string): void;
  wake(key: string): void;
  wakeIn(key: string, delayMs: number): void;
  podEvent(pod: Pod, type: "Normal" | "Warning", reason: string, message: string): void;
  containerEvent(pod: Pod, run: ContainerRun, type: "Normal" | "Warning", reason: string, message: string): void;
}
