/** Version of the package; replaced by the bundler, read from package.json in a checkout. */
import { readFileSync } from "node:fs";

declare const TOQUE_VERSION: string | undefined;
export const VERSION: string = typeof TOQUE_VERSION === "string"
  ? TOQUE_VERSION
  : (JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string }).version;
