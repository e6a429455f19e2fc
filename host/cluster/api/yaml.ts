/** YAML, by whatever library the platform brings: the cluster itself reads none. */
import type { Json } from "../model.ts";

export interface YamlCodec {
  /**
   * The value of the (one) document. Throws Error with the parser's message. `repeated` takes a line for each key that came
   * twice, in the real server's words ('line 7: key "a" already set in map').
   */
  parse(text: string, repeated: string[]): Json;
}
