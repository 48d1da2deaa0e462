// Bytes as the wire and the keys want them.

export type Bytes = Uint8Array<ArrayBuffer>;

export const utf8 = (s: string): Bytes => new TextEncoder().encode(s) as Bytes;

export const text = (b: ArrayBuffer | Bytes): string => new TextDecoder().decode(b);

export const random = (n: number): Bytes => crypto.getRandomValues(new Uint8Array(n));

export const hex = (b: Bytes): string => [...b].map((x) => x.toString(16).padStart(2, "0")).join("");

// newID is 128 random bits, which no two phones ever draw alike.
export const newID = (): string => hex(random(16));

export const base64 = (b: Bytes): string => {
  let s = "";
  for (let i = 0; i < b.length; i += 4096) s += String.fromCharCode(...b.subarray(i, i + 4096)); // more at once is too much for some browsers
  return btoa(s);
};

export const unbase64 = (s: string): Bytes => Uint8Array.from(atob(s), (c) => c.charCodeAt(0));

export const join = (...parts: Bytes[]): Bytes => {
  const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    all.set(p, at);
    at += p.length;
  }
  return all;
};
