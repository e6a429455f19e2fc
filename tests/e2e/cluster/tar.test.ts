import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { file, folder, ociImage } from "./oci.ts";
import { entriesOf, tar, type TarEntry } from "./tar.ts";

const long = `${"deep/".repeat(24)}${"n".repeat(90)}.txt`;
const entries: TarEntry[] = [
  folder("bin"), file("bin/run", "#!/bin/sh\n", 0o755), { path: "bin/sh", kind: "link", target: "run" },
  file("empty", ""), file("block", Buffer.alloc(512, 7)), file(long, "far"),
];

/** What the machine's own tar makes of an archive. */
function unpacked(archive: Buffer, check: (at: string) => void): void {
  const at = mkdtempSync(join(tmpdir(), "toque-tar-"));
  try {
    writeFileSync(join(at, "a.tar"), archive);
    execFileSync("tar", ["-xf", "a.tar"], { cwd: at });
    check(at);
  } finally {
    rmSync(at, { recursive: true });
  }
}

describe("tar", () => {
  it("is read back by tar(1): bytes, modes, links, long names", () => unpacked(tar(entries), (at) => {
    assert.equal(readFileSync(join(at, "bin/run"), "utf8"), "#!/bin/sh\n");
    assert.equal(statSync(join(at, "bin/run")).mode & 0o777, 0o755);
    assert.equal(readlinkSync(join(at, "bin/sh")), "run");
    assert.equal(readFileSync(join(at, "empty")).length, 0);
    assert.deepEqual(readFileSync(join(at, "block")), Buffer.alloc(512, 7));
    assert.equal(readFileSync(join(at, long), "utf8"), "far");
  }));

  it("reads a folder back as the entries it came from", () => unpacked(tar(entries), (at) => {
    const again = entriesOf(join(at, "bin"), "bin");
    assert.deepEqual(again, entries.slice(1, 3));
  }));

  it("refuses a name that the format can't hold", () => {
    assert.throws(() => tar([file("x".repeat(101), "")]), /too long/);
  });
});

describe("an image", () => {
  it("is the same bytes for the same entries, and names its layer by digest", () => {
    const spec = { reference: "toque.test/a:1", entries, entrypoint: ["/bin/run"] };
    const image = ociImage(spec);
    assert.ok(image.equals(ociImage(spec)));
    unpacked(image, (at) => {
      const index = JSON.parse(readFileSync(join(at, "index.json"), "utf8"));
      const manifest = JSON.parse(readFileSync(join(at, "blobs/sha256", index.manifests[0].digest.slice(7)), "utf8"));
      const layer = readFileSync(join(at, "blobs/sha256", manifest.layers[0].digest.slice(7)));
      assert.ok(layer.equals(tar(entries)));
      const config = JSON.parse(readFileSync(join(at, "blobs/sha256", manifest.config.digest.slice(7)), "utf8"));
      assert.deepEqual(config.rootfs.diff_ids, [manifest.layers[0].digest]);
    });
  });
});
