// The key under which everything personal on the phone is sealed, and the three ways to it.
//
// The data key is random and never stored bare. One copy is wrapped by the PIN, one by the half that the server keeps and gives only while the device is
// welcome. Both are mixed with a key of this browser that cannot be taken out of it, so a copied disk cannot be guessed at elsewhere. The token that speaks to the server is sealed too;
// a second copy of it is opened by the list number that the phone joined with, so that a forgotten PIN costs a look at the paper, and no answers.

import { type Bytes, join, random, text, unbase64, utf8 } from "./_bytes";
import { get, META, put, remove } from "./_db";

export const ROUNDS = 600_000; // PBKDF2 with SHA-256: OWASP Password Storage, 2023

const PATIENCE = 5; // wrong PINs before one has to wait
const LAST = 10; // wrong PINs after which only the server's half opens

export interface Sealed {
  iv: Bytes;
  box: ArrayBuffer;
}

interface Slow extends Sealed {
  salt: Bytes;
  rounds: number;
}

interface Tries {
  wrong: number;
  until: number; // ms; no try before
}

export type Opened = "open" | "wrong" | "wait" | "gone";

const gcm = (iv: Bytes, about: string): AesGcmParams => ({ name: "AES-GCM", iv, additionalData: utf8(about) });

const slow = async (secret: string, salt: Bytes, rounds: number): Promise<Bytes> => {
  const k = await crypto.subtle.importKey("raw", utf8(secret), "PBKDF2", false, ["deriveBits"]);
  return new Uint8Array(await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds }, k, 256));
};

export class Vault {
  #key: CryptoKey | undefined;

  constructor(
    private readonly db: IDBDatabase,
    private readonly rounds = ROUNDS,
  ) {}

  get isOpen(): boolean {
    return this.#key !== undefined;
  }

  async isEmpty(): Promise<boolean> {
    return (await get(this.db, META, "half")) === undefined;
  }

  // create makes a data key. number is the list number typed at joining, "" for somebody with an account.
  async create(pin: string, half: string, token: string, number: string): Promise<void> {
    if (!(await this.isEmpty())) throw new Error("this phone has a key already: what is sealed under it would be lost");
    const device = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    const bare = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, true, ["encrypt", "decrypt"]);
    const raw = new Uint8Array(await crypto.subtle.exportKey("raw", bare));
    this.#key = await this.#import(raw);
    const again = random(16);
    const byNumber = await this.#mixed(device, "number", await slow(number, again, this.rounds));
    await put(this.db, META, "device", device);
    await put(this.db, META, "pin", await this.#wrapped(device, pin, raw));
    await put(this.db, META, "token", await this.seal(utf8(token), "token"));
    await put(this.db, META, "again", { salt: again, rounds: this.rounds, ...(await shut(byNumber, utf8(token), "again")) });
    await put(this.db, META, "half", await shut(await this.#mixed(device, "half", unbase64(half)), raw, "half"));
    raw.fill(0);
  }

  // byPIN opens the vault. After some wrong tries it wants to be left alone for a while, and in the end forgets the PIN.
  async byPIN(pin: string, now = Date.now()): Promise<Opened> {
    const kept = await get<Slow>(this.db, META, "pin");
    if (!kept) return "gone";
    const tries = (await get<Tries>(this.db, META, "tries")) ?? { wrong: 0, until: 0 };
    if (now < tries.until) return "wait";
    // Counted before it is tried: closing the app in the middle does not give a try back.
    const wrong = tries.wrong + 1;
    await put(this.db, META, "tries", { wrong, until: wrong < PATIENCE ? 0 : now + 30_000 * 2 ** (wrong - PATIENCE) });
    const key = await this.#mixed(await this.#device(), "pin", await slow(pin, kept.salt, kept.rounds));
    const raw = await bared(key, kept, "pin");
    if (!raw) {
      if (wrong < LAST) return wrong < PATIENCE ? "wrong" : "wait";
      await remove(this.db, META, "pin");
      return "gone";
    }
    await this.#opened(raw);
    return "open";
  }

  // mayTryAt is when the next PIN may be tried, 0 for now.
  async mayTryAt(): Promise<number> {
    return (await get<Tries>(this.db, META, "tries"))?.until ?? 0;
  }

  // tokenBy returns the token for whoever knows the list number, so that the server can be asked for its half; undefined when it is another number.
  async tokenBy(number: string): Promise<string | undefined> {
    const kept = await get<Slow>(this.db, META, "again");
    if (!kept) return undefined;
    const raw = await bared(await this.#mixed(await this.#device(), "number", await slow(number, kept.salt, kept.rounds)), kept, "again");
    return raw && text(raw);
  }

  // byHalf opens the vault with the server's half and sets a new PIN.
  async byHalf(half: string, pin: string): Promise<boolean> {
    const kept = await get<Sealed>(this.db, META, "half");
    const device = await this.#device();
    const raw = kept && (await bared(await this.#mixed(device, "half", unbase64(half)), kept, "half"));
    if (!raw) return false;
    await put(this.db, META, "pin", await this.#wrapped(device, pin, raw));
    await this.#opened(raw);
    return true;
  }

  // changePIN replaces the PIN when old is right.
  async changePIN(old: string, pin: string): Promise<boolean> {
    const kept = await get<Slow>(this.db, META, "pin");
    const device = await this.#device();
    const raw = kept && (await bared(await this.#mixed(device, "pin", await slow(old, kept.salt, kept.rounds)), kept, "pin"));
    if (!raw) return false;
    await put(this.db, META, "pin", await this.#wrapped(device, pin, raw));
    raw.fill(0);
    return true;
  }

  async token(): Promise<string> {
    const kept = await get<Sealed>(this.db, META, "token");
    return kept ? text(await this.unseal(kept, "token")) : "";
  }

  lock(): void {
    this.#key = undefined;
  }

  // seal encrypts; about binds the box to its place, so that boxes cannot change places.
  seal(plain: Bytes, about: string): Promise<Sealed> {
    return shut(this.#must(), plain, about);
  }

  async unseal(kept: Sealed, about: string): Promise<Bytes> {
    return new Uint8Array(await crypto.subtle.decrypt(gcm(kept.iv, about), this.#must(), kept.box));
  }

  #must(): CryptoKey {
    if (!this.#key) throw new Error("locked");
    return this.#key;
  }

  #import(raw: Bytes): Promise<CryptoKey> {
    return crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
  }

  async #opened(raw: Bytes): Promise<void> {
    this.#key = await this.#import(raw);
    raw.fill(0);
    await put(this.db, META, "tries", { wrong: 0, until: 0 });
  }

  async #wrapped(device: CryptoKey, pin: string, raw: Bytes): Promise<Slow> {
    const salt = random(16);
    const key = await this.#mixed(device, "pin", await slow(pin, salt, this.rounds));
    return { salt, rounds: this.rounds, ...(await shut(key, raw, "pin")) };
  }

  async #device(): Promise<CryptoKey> {
    const key = await get<CryptoKey>(this.db, META, "device");
    if (!key) throw new Error("this phone has no key");
    return key;
  }

  async #mixed(device: CryptoKey, what: string, secret: Bytes): Promise<CryptoKey> {
    const raw = await crypto.subtle.sign("HMAC", device, join(utf8(`precinct offline ${what}\0`), secret));
    return crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
  }
}

const shut = async (key: CryptoKey, plain: Bytes, about: string): Promise<Sealed> => {
  const iv = random(12);
  return { iv, box: await crypto.subtle.encrypt(gcm(iv, about), key, plain) };
};

// bared opens a box; undefined when key is not the one it was shut with.
const bared = async (key: CryptoKey, kept: Sealed, about: string): Promise<Bytes | undefined> => {
  try {
    return new Uint8Array(await crypto.subtle.decrypt(gcm(kept.iv, about), key, kept.box));
  } catch {
    return undefined;
  }
};
