/**
 * SHA-256 by OpenSSL.
 */
import { hash } from "node:crypto";
import type { Digest } from "../platform.ts";

export const nodeDigest: Digest = {
  sha256Hex: (data) => hash("sha256", data, "hex"),
};
