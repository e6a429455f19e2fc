/** A map from strings, in order: labels, annotations, selectors, quantities by resource. */
export class Dict<T> {
  // NOTE: the codec knows this layout (decode.ts, encode.ts): keys, then values, of one length.
  keys: string[] = [];
  values: T[] = [];

  get size(): i32 {
    return this.keys.length;
  }
  has(key: string): bool {
    return this.keys.indexOf(key) >= 0;
  }
  /** The value of `key`, or null. */
  get(key: string): T | null {
    const index = this.keys.indexOf(key);
    return index < 0 ? null : this.values[index];
  }
  /** Sets one; a new key goes to the end. Returns the map, to go on with. */
  set(key: string, value: T): Dict<T> {
    const index = this.keys.indexOf(key);
    if (index >= 0) {
      this.values[index] = value;
    } else {
      this.keys.push(key);
      this.values.push(value);
    }
    return this;
  }
}

/** `labels([["app", name], ["tier", "web"]])` */
export function labels(pairs: string[][]): Dict<string> {
  const result = new Dict<string>();
  for (let i = 0; i < pairs.length; i++) result.set(pairs[i][0], pairs[i][1]);
  return result;
}

/** The same keys with the same values, in any order. Null is the same as empty, as it is for Kubernetes. */
export function sameLabels(a: Dict<string> | null, b: Dict<string> | null): bool {
  const sizeA = a === null ? 0 : a.size;
  const sizeB = b === null ? 0 : b.size;
  return sizeA == sizeB && includesLabels(a, b);
}

/** Whether every pair of `wanted` is in `labels`: what a selector asks. */
export function includesLabels(labels: Dict<string> | null, wanted: Dict<string> | null): bool {
  if (wanted === null || wanted.size == 0) return true;
  if (labels === null) return false;
  for (let i = 0; i < wanted.size; i++) {
    const found = labels.get(wanted.keys[i]);
    if (found === null || found != wanted.values[i]) return false;
  }
  return true;
}
