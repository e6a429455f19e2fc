/** What a script is; in a file of its own, so that scripts run in a browser too. */
import type { Target } from "./target.ts";

/** How a script talks to a server. */
export interface Api extends Pick<Target, "send" | "get" | "post" | "put" | "delete" | "patch" | "watch"> {
  /** A namespace of the script's own, made before it starts. */
  readonly ns: string;
  /** Notes a name that the server made up. */
  generated(name: string, prefix: string): void;
}

export interface Script {
  /** Feature that its requests count for: "apply", "watch". */
  readonly feature: string;
  readonly name: string;
  run(api: Api): Promise<void>;
}

/** Declares a script. */
export function script(feature: string, name: string, run: (api: Api) => Promise<void>): Script {
  return { feature, name, run };
}
