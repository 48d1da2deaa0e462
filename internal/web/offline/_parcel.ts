// A parcel: events that another phone, or any browser, carries to the server. It is sealed to the server, and holds the token of the phone that recorded
// them, so who carries it can read and change nothing. It travels as a file, or as pictures: a QR code holds a piece of it.

import { base64, type Bytes, hex, join, unbase64, utf8 } from "./_bytes";
import { seal } from "./_hpke";
import type { Event } from "./_log";

const INFO = "precinct offline parcel 1";
const PLAIN = 0;
const DEFLATED = 1;

const deflated = async (b: Bytes): Promise<Bytes | undefined> => {
  if (!("CompressionStream" in globalThis)) return undefined;
  try {
    const packed = new Blob([b]).stream().pipeThrough(new CompressionStream("deflate-raw"));
    return new Uint8Array(await new Response(packed).arrayBuffer());
  } catch {
    return undefined; // a browser that knows streams but not this form
  }
};

// parcelOf seals events for the server that has the key.
export const parcelOf = async (key: Bytes, token: string, events: Event[]): Promise<Bytes> => {
  const text = utf8(JSON.stringify({ token, events }));
  const small = await deflated(text);
  return seal(key, utf8(INFO), small ? join(Uint8Array.of(DEFLATED), small) : join(Uint8Array.of(PLAIN), text));
};

// --- as a file

const FIRST = "PRECINCT-PARCEL-1";

// letter is a parcel as text. note is for whoever opens the file.
export const letter = (parcel: Bytes, note: string): string => `${FIRST}\n${note.replaceAll("\n", " ")}\n${base64(parcel)}\n`;

// fromLetter returns the parcel of a letter, undefined for any other text.
export const fromLetter = (text: string): Bytes | undefined => {
  const lines = text.trim().split(/\r?\n/);
  if (lines[0] !== FIRST || lines.length < 3) return undefined;
  try {
    return unbase64(lines[lines.length - 1] ?? "");
  } catch {
    return undefined;
  }
};

// --- as pictures

// PIECE is how many bytes one picture holds: with it a code has 69 modules to a side (version 13), which old cameras read off a phone's screen.
const PIECE = 370;
const MARK = "PRC1";
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"; // base 32 (RFC 4648): QR codes hold capitals and digits in 5.5 bits each

export const base32 = (b: Bytes): string => {
  let [s, bits, held] = ["", 0, 0];
  for (const x of b) {
    held = (held << 8) | x;
    for (bits += 8; bits >= 5; bits -= 5) s += LETTERS[(held >> (bits - 5)) & 31];
    held &= 255;
  }
  return bits ? s + LETTERS[(held << (5 - bits)) & 31] : s;
};

export const unbase32 = (s: string): Bytes | undefined => {
  const out = new Uint8Array(Math.floor((s.length * 5) / 8));
  let [at, bits, held] = [0, 0, 0];
  for (const c of s) {
    const x = LETTERS.indexOf(c);
    if (x < 0) return undefined;
    held = ((held << 5) | x) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    out[at++] = (held >> bits) & 255;
  }
  return out;
};

const nameOf = async (parcel: Bytes): Promise<string> =>
  hex(new Uint8Array(await crypto.subtle.digest("SHA-256", parcel)).subarray(0, 4) as Bytes).toUpperCase();

// pieces are what the pictures of a parcel say.
export const pieces = async (parcel: Bytes): Promise<string[]> => {
  const name = await nameOf(parcel);
  const count = Math.ceil(parcel.length / PIECE);
  const each = Math.ceil(parcel.length / count); // all alike, so that the pictures do not jump
  return Array.from({ length: count }, (_, i) => `${MARK}:${name}:${i + 1}:${count}:${base32(parcel.slice(i * each, (i + 1) * each))}`);
};

const MOST = 4000; // pieces

// Gathering collects the pieces of one parcel in any order, as a camera sees them.
export class Gathering {
  #name = "";
  #all: (Bytes | undefined)[] = [];

  get count(): number {
    return this.#all.length;
  }

  get have(): number {
    return this.#all.filter((x) => x).length;
  }

  // add takes what a picture says; false when it is no piece. A piece of another parcel begins anew.
  add(text: string): boolean {
    const m = /^PRC1:([0-9A-F]{8}):(\d{1,4}):(\d{1,4}):([A-Z2-7]+)$/.exec(text);
    const [i, count, bytes] = [Number(m?.[2]), Number(m?.[3]), m?.[4] ? unbase32(m[4]) : undefined];
    if (!m || !bytes || i < 1 || i > count || count > MOST) return false;
    if (m[1] !== this.#name || count !== this.#all.length) [this.#name, this.#all] = [m[1] ?? "", Array.from({ length: count })];
    this.#all[i - 1] = bytes;
    return true;
  }

  // whole returns the parcel when every piece is there and they fit; when they do not fit it begins anew.
  async whole(): Promise<Bytes | undefined> {
    if (!this.count || this.have < this.count) return undefined;
    const parcel = join(...this.#all.filter((x) => x !== undefined));
    if ((await nameOf(parcel)) === this.#name) return parcel;
    this.#all = [];
    return undefined;
  }
}
