/** Follows the objects of one kind, for showing: lists, watches, and begins again when the watch ends. */
import { parseJson } from "../../../bindings/protocol/json.ts";
import type { KindRef } from "../../../bindings/protocol/manifest.ts";
import type { JsonObject } from "../../../bindings/protocol/types.ts";
import type { Platform, Stream, Transport } from "../../platform/platform.ts";
import { collectionPath, send, withQuery } from "../../runtime/api.ts";
import { LineSplitter } from "../../runtime/lines.ts";

export interface Seen {
  readonly gone: boolean;
  /** It was there when the following began. */
  readonly old: boolean;
  readonly object: JsonObject;
}

export interface Following {
  /** Resolves with the first list. */
  readonly ready: Promise<void>;
  stop(): void;
}

const AGAIN_MS = 500;

/** Calls `see` for each object there is and each change; errors are tried again, silently. */
export function follow(kind: KindRef, namespace: string | undefined, transport: Transport, platform: Platform, see: (seen: Seen) => void): Following {
  let stopped = false;
  let old = true;
  const listed = Promise.withResolvers<void>();
  let stream: Stream | undefined;
  const path = collectionPath(kind, namespace);
  const again = (): void => {
    if (!stopped) platform.timers.after(AGAIN_MS, () => void begin());
  };
  const begin = async (): Promise<void> => {
    if (stopped) return;
    try {
      const { body } = await send(transport, platform.text, { method: "GET", path });
      const list = parseJson(platform.text.decodeUtf8(body, 0, body.length)) as { metadata: { resourceVersion: string }; items: JsonObject[] };
      for (const item of list.items) see({ gone: false, old, object: { apiVersion: kind.apiVersion, kind: kind.kind, ...item } });
      old = false;
      listed.resolve();
      if (!stopped) watch(list.metadata.resourceVersion);
    } catch {
      again();
    }
  };
  const watch = (resourceVersion: string): void => {
    const lines = new LineSplitter((line) => {
      const { type, object } = parseJson(platform.text.decodeUtf8(line, 0, line.length)) as { type: string; object: JsonObject };
      if (!stopped && (type === "ADDED" || type === "MODIFIED" || type === "DELETED")) see({ gone: type === "DELETED", old: false, object });
    });
    let status = 0;
    stream = transport.stream({ method: "GET", path: withQuery(path, { watch: "true", resourceVersion, timeoutSeconds: 3600 }) }, {
      onHead: (head) => { status = head; },
      onData: (chunk) => { if (status === 200) lines.push(chunk); },
      onEnd: again,
      onError: again,
    });
  };
  void begin();
  return {
    ready: listed.promise,
    stop() {
      stopped = true;
      stream?.close();
    },
  };
}
