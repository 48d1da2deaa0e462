// Checks an Ed25519 signature (RFC 8032 §5.1.7), with the browser's own code where it has some (Chrome 137, Safari 17) and with this where it has none.

import { type Bytes, join } from "./_bytes";

const P = 2n ** 255n - 19n;
const L = 2n ** 252n + 27742317777372353535851937790883648493n;

const mod = (a: bigint): bigint => {
  const r = a % P;
  return r < 0n ? r + P : r;
};

const power = (a: bigint, e: bigint): bigint => {
  let [r, x] = [1n, mod(a)];
  for (let n = e; n > 0n; n >>= 1n) {
    if (n & 1n) r = mod(r * x);
    x = mod(x * x);
  }
  return r;
};

const inverse = (a: bigint): bigint => power(a, P - 2n);

const D = mod(-121665n * inverse(121666n));
const ROOT = power(2n, (P - 1n) / 4n); // of -1

type Point = readonly [x: bigint, y: bigint, z: bigint, t: bigint];

const ZERO: Point = [0n, 1n, 1n, 0n];

const plus = (p: Point, q: Point): Point => {
  const a = mod((p[1] - p[0]) * (q[1] - q[0]));
  const b = mod((p[1] + p[0]) * (q[1] + q[0]));
  const c = mod(2n * D * p[3] * q[3]);
  const d = mod(2n * p[2] * q[2]);
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
};

const times = (p: Point, n: bigint): Point => {
  let [r, x] = [ZERO, p];
  for (let k = n; k > 0n; k >>= 1n) {
    if (k & 1n) r = plus(r, x);
    x = plus(x, x);
  }
  return r;
};

const number = (b: Bytes): bigint => b.reduceRight((n, x) => (n << 8n) | BigInt(x), 0n);

// point reads an encoded point; undefined when there is none.
const point = (b: Bytes): Point | undefined => {
  const n = number(b);
  const sign = n >> 255n;
  const y = n & (2n ** 255n - 1n);
  if (y >= P) return undefined;
  const x2 = mod((y * y - 1n) * inverse(D * y * y + 1n));
  let x = power(x2, (P + 3n) / 8n);
  if (mod(x * x - x2) !== 0n) x = mod(x * ROOT);
  if (mod(x * x - x2) !== 0n || (x === 0n && sign === 1n)) return undefined;
  if ((x & 1n) !== sign) x = P - x;
  return [x, y, 1n, mod(x * y)];
};

const BASE = ((): Point => {
  const y = mod(4n * inverse(5n));
  const x2 = mod((y * y - 1n) * inverse(D * y * y + 1n));
  let x = power(x2, (P + 3n) / 8n);
  if (mod(x * x - x2) !== 0n) x = mod(x * ROOT);
  if (x & 1n) x = P - x;
  return [x, y, 1n, mod(x * y)];
})();

const same = (p: Point, q: Point): boolean => mod(p[0] * q[2] - q[0] * p[2]) === 0n && mod(p[1] * q[2] - q[1] * p[2]) === 0n;

// slowly is verify without the browser's help.
export const slowly = async (key: Bytes, message: Bytes, signature: Bytes): Promise<boolean> => {
  if (key.length !== 32 || signature.length !== 64) return false;
  const [a, r, s] = [point(key), point(signature.slice(0, 32)), number(signature.slice(32))];
  if (!a || !r || s >= L) return false;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-512", join(signature.slice(0, 32), key, message)));
  return same(times(BASE, s), plus(r, times(a, number(digest) % L)));
};

export const verify = async (key: Bytes, message: Bytes, signature: Bytes): Promise<boolean> => {
  let k: CryptoKey;
  try {
    k = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
  } catch {
    return slowly(key, message, signature);
  }
  return crypto.subtle.verify({ name: "Ed25519" }, k, signature, message);
};
