// The log of what was recorded on this phone. Events are only ever added; each is on the phone's storage before the screen moves on, and leaves only
// after the server said that it holds it.

import { newID, text, utf8 } from "./_bytes";
import { all, change, EVENT, get, META } from "./_db";
import type { Sealed, Vault } from "./_vault";

// State is where an event is: only here, on the server, on the server and set aside for a person to look at, or refused as unreadable and kept here.
export type State = "waiting" | "safe" | "aside" | "refused";

// Event is one thing recorded, as the wire wants it.
export interface Event {
  id: string;
  seq: number;
  at: number; // ms of this phone's clock
  packet: string;
  kind: string;
  door: string;
  person?: number | string;
  data: Record<string, unknown>;
}

export type Draft = Pick<Event, "packet" | "kind" | "door" | "data"> & Partial<Pick<Event, "person" | "id">>;

export interface Entry {
  event: Event;
  state: State;
  why?: { en: string; es: string };
}

interface Row extends Sealed {
  seq: number;
  id: string;
  packet: string;
  state: State;
  why?: { en: string; es: string };
}

interface Count {
  seq: number; // events ever added
  gone: number; // of them, taken off the phone after the server held them
}

const none: Count = { seq: 0, gone: 0 };

export interface Figures {
  waiting: number;
  safe: number;
  aside: number;
  refused: number;
  lost: number; // ever added, and now neither here nor on the server; 0 unless storage failed
}

export class Log {
  entries: Entry[] = []; // in order, while unlocked
  #gone = 0;
  #ever = 0;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly db: IDBDatabase,
    private readonly vault: Vault,
  ) {}

  // load reads the log after unlocking.
  async load(): Promise<void> {
    const rows = await all<Row>(this.db, EVENT);
    const entries: Entry[] = [];
    for (const r of rows) {
      const event = JSON.parse(text(await this.vault.unseal(r, `event ${r.seq} ${r.id}`))) as Event;
      entries.push({ event, state: r.state, ...(r.why && { why: r.why }) });
    }
    const count = (await get<Count>(this.db, META, "count")) ?? none;
    [this.entries, this.#gone, this.#ever] = [entries, count.gone, count.seq];
  }

  forget(): void {
    this.entries = [];
  }

  // add records what one tap says: all of it or nothing. It resolves when it cannot be lost any more.
  add(drafts: Draft[], at = Date.now()): Promise<Entry[]> {
    const next = this.#tail.then(() => this.#add(drafts, at));
    this.#tail = next.catch(() => undefined);
    return next;
  }

  async #add(drafts: Draft[], at: number): Promise<Entry[]> {
    for (;;) {
      const count = (await get<Count>(this.db, META, "count")) ?? none;
      if (count.seq !== this.#ever) await this.load(); // a second tab of this phone recorded something
      const events = drafts.map((d, i): Event => ({ id: newID(), seq: count.seq + 1 + i, at, ...d }));
      const rows: Row[] = [];
      for (const e of events) {
        const box = await this.vault.seal(utf8(JSON.stringify(e)), `event ${e.seq} ${e.id}`);
        rows.push({ seq: e.seq, id: e.id, packet: e.packet, state: "waiting", ...box });
      }
      if (!(await this.#write(count, rows))) continue; // a second tab was faster: take later numbers
      const added = events.map((event): Entry => ({ event, state: "waiting" }));
      this.entries.push(...added);
      this.#ever = count.seq + rows.length;
      return added;
    }
  }

  // write adds rows unless the numbers they carry were given out meanwhile.
  async #write(expected: Count, rows: Row[]): Promise<boolean> {
    let fresh = true;
    await change(this.db, [EVENT, META], (tx) => {
      const meta = tx.objectStore(META);
      const r = meta.get("count") as IDBRequest<Count | undefined>;
      r.onsuccess = () => {
        const count = r.result ?? none;
        fresh = count.seq === expected.seq;
        if (!fresh) return;
        for (const row of rows) tx.objectStore(EVENT).add(row);
        meta.put({ ...count, seq: count.seq + rows.length }, "count");
      };
    });
    return fresh;
  }

  // waiting returns the oldest events that the server does not hold, at most most.
  waiting(most = Infinity): Event[] {
    const found: Event[] = [];
    for (const e of this.entries) {
      if (found.length >= most) break;
      if (e.state === "waiting") found.push(e.event);
    }
    return found;
  }

  // mark notes what became of events: those that are waiting become safe, aside or refused. It returns how many changed.
  async mark(to: Map<string, { state: State; why?: { en: string; es: string } }>): Promise<number> {
    const changed = this.entries.filter((e) => {
      const m = to.get(e.event.id);
      return m && m.state !== e.state && (e.state === "waiting" || m.state === "aside");
    });
    if (!changed.length) return 0;
    await change(this.db, [EVENT], (tx) => {
      const store = tx.objectStore(EVENT);
      for (const e of changed) {
        const r = store.get(e.event.seq) as IDBRequest<Row | undefined>;
        r.onsuccess = () => {
          if (r.result) store.put({ ...r.result, ...to.get(e.event.id) });
        };
      }
    });
    for (const e of changed) Object.assign(e, to.get(e.event.id));
    return changed.length;
  }

  // release takes events off the phone: only those the server holds.
  async release(which: (e: Event) => boolean): Promise<void> {
    const go = this.entries.filter((e) => (e.state === "safe" || e.state === "aside") && which(e.event));
    if (!go.length) return;
    await change(this.db, [EVENT, META], (tx) => {
      for (const e of go) tx.objectStore(EVENT).delete(e.event.seq);
      const r = tx.objectStore(META).get("count") as IDBRequest<Count | undefined>;
      r.onsuccess = () => tx.objectStore(META).put({ ...(r.result ?? none), gone: (r.result ?? none).gone + go.length }, "count");
    });
    this.#gone += go.length;
    this.entries = this.entries.filter((e) => !go.includes(e));
  }

  figures(): Figures {
    const f: Figures = { waiting: 0, safe: this.#gone, aside: 0, refused: 0, lost: 0 };
    for (const e of this.entries) f[e.state]++;
    f.safe += f.aside; // set aside is on the server too
    f.lost = Math.max(0, this.#ever - this.#gone - this.entries.length);
    return f;
  }

  // waitingWhileLocked counts what the server does not hold, without opening anything.
  static async waitingWhileLocked(db: IDBDatabase): Promise<number> {
    return (await all<Row>(db, EVENT)).filter((r) => r.state === "waiting").length;
  }
}
