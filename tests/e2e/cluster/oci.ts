/** Makes container images without a container engine: one layer, as the OCI layout that `ctr image import` reads. */
import { createHash } from "node:crypto";
import { tar, type TarEntry } from "./tar.ts";

export interface ImageSpec {
  /** "toque.test/host:1". Not `latest`: the kubelet would try to pull it. */
  readonly reference: string;
  readonly entries: readonly TarEntry[];
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: readonly string[];
  /** Numeric, so that `runAsNonRoot` can be checked: "65532:65532". */
  readonly user?: string;
  readonly workingFolder?: string;
}

const MEDIA = "application/vnd.oci.image";

/** The image as a tar. The layer is not compressed: it is imported on this machine, and that is faster. */
export function ociImage(spec: ImageSpec): Buffer {
  const layer = tar(spec.entries);
  const config = json({
    architecture: "amd64", os: "linux",
    config: {
      Env: ["PATH=/usr/local/bin:/usr/bin:/bin", ...spec.environment ?? []],
      Entrypoint: spec.entrypoint, Cmd: spec.command, User: spec.user, WorkingDir: spec.workingFolder,
    },
    rootfs: { type: "layers", diff_ids: [digest(layer)] },
  });
  const manifest = json({
    schemaVersion: 2, mediaType: `${MEDIA}.manifest.v1+json`,
    config: descriptor(`${MEDIA}.config.v1+json`, config), layers: [descriptor(`${MEDIA}.layer.v1.tar`, layer)],
  });
  const index = json({
    schemaVersion: 2,
    manifests: [{
      ...descriptor(`${MEDIA}.manifest.v1+json`, manifest), platform: { architecture: "amd64", os: "linux" },
      annotations: { "io.containerd.image.name": spec.reference, "org.opencontainers.image.ref.name": spec.reference.split(":").at(-1) },
    }],
  });
  const blob = (data: Buffer): TarEntry => file(`blobs/sha256/${digest(data).slice("sha256:".length)}`, data);
  return tar([file("oci-layout", json({ imageLayoutVersion: "1.0.0" })), file("index.json", index), ...[config, layer, manifest].map(blob)]);
}

export function file(path: string, data: Buffer | string, mode = 0o644): TarEntry {
  return { path, kind: "file", data: Buffer.from(data as string), mode };
}

export function folder(path: string, mode = 0o755): TarEntry {
  return { path, kind: "folder", mode };
}

function descriptor(mediaType: string, data: Buffer): { mediaType: string; digest: string; size: number } {
  return { mediaType, digest: digest(data), size: data.length };
}
function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
function digest(data: Buffer): string {
  return `sha256:${createHash("sha256").update(data).digest("hex")}`;
}
