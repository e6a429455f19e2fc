/** Natural numbers of any size that a double can need: u32 limbs, least significant first. Slow, and exact. */

/** 2^7700: 800 digits, shifted by all that a double's exponent allows. */
const LIMBS_MAX: u32 = 256;

@unmanaged
export class Big {
  limbs: usize;
  length: u32;

  static of(value: u64): Big {
    const big = changetype<Big>(__new(8, 1));
    big.limbs = __new(<usize>LIMBS_MAX << 2, 1);
    big.length = 0;
    big.push(<u32>value);
    big.push(<u32>(value >> 32));
    big.trim();
    return big;
  }

  get isZero(): bool {
    return this.length == 0;
  }

  private push(limb: u32): void {
    assert(this.length < LIMBS_MAX, "a number beyond all bounds");
    store<u32>(this.limbs + (<usize>this.length << 2), limb);
    this.length++;
  }

  private trim(): void {
    while (this.length > 0 && this.at(this.length - 1) == 0) this.length--;
  }

  @inline
  private at(index: u32): u32 {
    return load<u32>(this.limbs + (<usize>index << 2));
  }

  /** this = this * factor + summand */
  scale(factor: u32, summand: u32): void {
    let carry: u64 = summand;
    for (let i: u32 = 0; i < this.length; i++) {
      carry += <u64>this.at(i) * factor;
      store<u32>(this.limbs + (<usize>i << 2), <u32>carry);
      carry >>= 32;
    }
    if (carry != 0) this.push(<u32>carry);
  }

  scaleByPowerOf5(exponent: i32): void {
    for (; exponent >= 13; exponent -= 13) this.scale(1220703125, 0);
    for (; exponent > 0; exponent--) this.scale(5, 0);
  }

  shiftLeft(bits: i32): void {
    if (this.isZero) return;
    if ((bits & 31) != 0) this.scale(1 << (bits & 31), 0);
    const limbs = <u32>bits >> 5;
    if (limbs == 0) return;
    assert(this.length + limbs <= LIMBS_MAX, "a number beyond all bounds");
    memory.copy(this.limbs + (<usize>limbs << 2), this.limbs, <usize>this.length << 2);
    memory.fill(this.limbs, 0, <usize>limbs << 2);
    this.length += limbs;
  }

  /** this = this / divisor; the remainder is returned. */
  divide(divisor: u32): u32 {
    let remainder: u64 = 0;
    for (let i = this.length; i > 0; i--) {
      remainder = (remainder << 32) | this.at(i - 1);
      store<u32>(this.limbs + (<usize>(i - 1) << 2), <u32>(remainder / divisor));
      remainder %= divisor;
    }
    this.trim();
    return <u32>remainder;
  }

  /** this = this / 2^bits, cut off. Returns what was: 0 nothing, 1 less than a half, 2 a half, 3 more. */
  shiftRight(bits: i32): i32 {
    let rest: u32 = 0;
    for (; bits > 31; bits -= 31) rest |= this.divide(1 << 31);
    if (bits > 1) rest |= this.divide(1 << (bits - 1));
    if (this.divide(2) != 0) return rest != 0 ? 3 : 2;
    return rest != 0 ? 1 : 0;
  }

  increment(): void {
    if (this.isZero) this.push(1);
    else this.scale(1, 1);
  }

  toU64(): u64 {
    const low: u64 = this.length > 0 ? this.at(0) : 0;
    const high: u64 = this.length > 1 ? this.at(1) : 0;
    return (high << 32) | low;
  }

  compare(other: Big): i32 {
    if (this.length != other.length) return this.length < other.length ? -1 : 1;
    for (let i = this.length; i > 0; i--) {
      const a = this.at(i - 1);
      const b = other.at(i - 1);
      if (a != b) return a < b ? -1 : 1;
    }
    return 0;
  }
}
