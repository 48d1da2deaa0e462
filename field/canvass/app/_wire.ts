// What goes over the wire: packets as they come, and the questions the phone asks the server.

import { base64, type Bytes, unbase64, utf8 } from "../../../internal/web/offline/_bytes";
import { verify } from "../../../internal/web/offline/_ed25519";
import type { Event, State } from "../../../internal/web/offline/_log";
import type { Answer } from "../../../internal/web/offline/_sender";
import type { Script } from "./_script";

export type Texts = Record<string, string>;

export interface Person {
  id: number | string; // a string for somebody met at the door
  first: string;
  last: string;
  age?: number;
  sex?: string;
  list: boolean;
  knock: boolean;
  answers?: Record<string, number>;
  codes?: number[];
  before?: { result: string; at: number } | null;
}

export type At = [lon: number, lat: number];

export interface Door {
  id: string;
  house: string;
  street: string;
  unit: string;
  city: string;
  zip: string;
  at: At | null;
  side: string;
  hint: string;
  people: Person[];
}

export interface Result {
  key: string;
  text: Texts;
  for: "door" | "person" | "any";
  quick: boolean;
}

export interface Packet {
  v: number;
  id: string;
  org: number;
  turf: { id: number; name: string; map: string };
  made: string;
  ends: string;
  canvasser: string;
  script: (Script & { id: number; version: number }) | null;
  results: Result[];
  doors: Door[];
  streets?: { name: string; class: string; line: At[] }[];
  areas?: { kind: string; ring: At[] }[];
  outline?: At[];
  metres: number;
  minutes: number;
}

export interface Signed {
  packet: string;
  signature: string;
  key: string;
}

export interface Key {
  id: string;
  public: string;
}

// Offer is a packet, or ground to take doors from, that this phone may have.
export interface Offer {
  id: string;
  turf: string;
  map: string;
  doors: number;
  state: string;
  ends: number;
  near?: number; // the map whose nearest free doors can be taken
}

export interface Joined {
  device: string;
  token: string;
  wrap: string;
  packets: string[];
  name: string;
  org: number;
  orgName: string;
}

interface Told {
  error?: string;
  wipe?: boolean;
  bad?: number[];
}

// Refusal is the server saying no, in the reader's language.
export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly wipe = false,
    readonly after = 0, // ms, when the server says so
    readonly bad: number[] = [], // which of the events sent it cannot read
  ) {
    super(message);
  }
}

const PATIENCE = 30_000; // ms until an answer is given up

export class Wire {
  lang = "en";

  async #ask<T>(method: string, path: string, token: string, body?: unknown): Promise<T> {
    const giveUp = new AbortController();
    const timer = setTimeout(() => giveUp.abort(), PATIENCE);
    try {
      const headers: Record<string, string> = { Accept: "application/json", "Accept-Language": this.lang };
      if (token) headers["Authorization"] = `Bearer ${token}`;
      if (body !== undefined) headers["Content-Type"] = "application/json";
      const r = await fetch(`/canvass/${path}`, { method, headers, cache: "no-store", redirect: "error", signal: giveUp.signal, ...(body !== undefined && { body: JSON.stringify(body) }) });
      const said = (await r.json().catch(() => ({}))) as T & Told;
      if (!r.ok) throw new Refusal(r.status, said.error ?? "", said.wipe ?? false, 1000 * Number(r.headers.get("Retry-After") ?? 0), said.bad);
      return said;
    } finally {
      clearTimeout(timer);
    }
  }

  join(number: string, name: string, token: string): Promise<Joined> {
    return this.#ask("POST", "join", token, { number, name, lang: this.lang, agent: agent() });
  }

  joinAs(org: number, token: string): Promise<Joined> {
    return this.#ask("POST", "join", token, { session: true, ...(org && { org }), lang: this.lang, agent: agent() });
  }

  async packets(token: string): Promise<Offer[]> {
    const said = await this.#ask<Offer[] | { packets: Offer[] }>("GET", "packets", token);
    return Array.isArray(said) ? said : said.packets;
  }

  packet(token: string, id: string): Promise<Signed> {
    return this.#ask("GET", `packet/${id}`, token);
  }

  async near(token: string, map: number, at: At, doors: number): Promise<string> {
    return (await this.#ask<{ packet: string }>("POST", "near", token, { map, at, doors })).packet;
  }

  async wrap(token: string): Promise<string> {
    return (await this.#ask<{ wrap: string }>("GET", "wrap", token)).wrap;
  }

  async keys(): Promise<Key[]> {
    return (await this.#ask<{ keys: Key[] }>("GET", "keys", "")).keys;
  }

  // parcel delivers what another phone handed over, and says how much the server holds of it.
  parcel(parcel: Bytes): Promise<Delivered> {
    return this.#ask("POST", "parcel", "", { parcel: base64(parcel) });
  }

  sync(token: string, held: string[], events: Event[]): Promise<Synced> {
    return this.#ask("POST", "sync", token, { now: Date.now(), held, events: events.map(sent) });
  }
}

// sent is an event as the wire wants it.
const sent = (e: Event): Event => ({ id: e.id, seq: e.seq, at: e.at, packet: e.packet, kind: e.kind, door: e.door, ...(e.person !== undefined && { person: e.person }), data: e.data });

export interface Delivered {
  held: number;
  aside: number;
}

export interface Synced {
  now: number;
  safe: string[];
  aside?: { id: string; why: string; es: string }[] | null;
  packets?: { id: string; state: string }[] | null;
  wipe?: boolean;
}

// held is what a reply says about events.
export const held = (s: Synced): Answer => {
  const to = new Map<string, { state: State; why?: { en: string; es: string } }>();
  for (const id of s.safe) to.set(id, { state: "safe" });
  for (const a of s.aside ?? []) to.set(a.id, { state: "aside", why: { en: a.why, es: a.es } });
  return { kind: "held", held: to };
};

const agent = (): string => (/Android|iPhone|iPad|Windows|Mac|Linux/.exec(navigator.userAgent) ?? ["Phone"])[0];

// opened returns the packet when one of the site's keys signed exactly these bytes and it is the one asked for.
export const opened = async (s: Signed, id: string, keys: Key[]): Promise<Packet | undefined> => {
  const key = keys.find((k) => k.id === s.key);
  if (!key) return undefined;
  let signature: Bytes, by: Bytes;
  try {
    [signature, by] = [unbase64(s.signature), unbase64(key.public)];
  } catch {
    return undefined;
  }
  if (!(await verify(by, utf8(s.packet), signature))) return undefined;
  const p = JSON.parse(s.packet) as Packet;
  return p.v === 1 && p.id === id ? p : undefined;
};
