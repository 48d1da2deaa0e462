// Sends the log. There is nothing to press: it tries after every record, when the network or the person comes back, and between tries it waits longer
// and longer. Sending the same events twice changes nothing on the server, so whatever happens to an answer, it may always try again.

import type { Event, Log, State } from "./_log";

export const MOST = 500; // events in one request

const RESTING = 10 * 60_000; // between asking without anything to send

// Answer is what the server said: held says what became of events; the others say how to go on.
export type Answer =
  | { kind: "held"; held: Map<string, { state: State; why?: { en: string; es: string } }> }
  | { kind: "large" } // fewer at a time
  | { kind: "bad"; bad: number[] } // which of the events it cannot read
  | { kind: "refused" } // this phone is not known any more
  | { kind: "later"; after?: number }; // ms

// pause is how long to wait after so many failures: 2 s, doubled up to 5 min, and never the same on all phones.
export const pause = (failures: number, random: number): number => Math.min(2000 * 2 ** (failures - 1), 300_000) * (0.5 + random / 2);

export interface Status {
  sending: boolean;
  reached: number; // when the server last answered, ms; 0 never
  lost: number; // since when it does not answer; 0 while it does
  refused: boolean;
}

export class Sender {
  status: Status = { sending: false, reached: 0, lost: 0, refused: false };
  #failures = 0;
  #size = MOST;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | undefined;
  #again = false;
  #off = true;

  constructor(
    private readonly log: Log,
    private readonly ask: (events: Event[]) => Promise<Answer>,
    private readonly changed: () => void,
    private readonly rested: () => void, // called when all answers to a round are noted
  ) {}

  start(): void {
    this.#off = false;
    this.poke();
  }

  // stop ends sending; what is under way may still arrive, and that is well.
  stop(): void {
    this.#off = true;
    clearTimeout(this.#timer);
  }

  // poke tries now. With "rested" it asks even when nothing waits, unless it asked a moment ago; with "now" it asks in any case.
  poke(empty: "" | "rested" | "now" = ""): Promise<void> {
    if (this.#off) return Promise.resolve();
    clearTimeout(this.#timer);
    if (this.#running) {
      this.#again = true;
      return this.#running;
    }
    this.#running = this.#run(empty === "now" || (empty === "rested" && Date.now() - this.status.reached > RESTING)).finally(() => {
      this.#running = undefined;
      if (this.#again) {
        this.#again = false;
        void this.poke();
      }
    });
    return this.#running;
  }

  // signal tries now, and soon again: a device says that it is connected a moment before anything can be reached.
  signal(): Promise<void> {
    this.#failures = 0;
    return this.poke("rested");
  }

  async #run(empty: boolean): Promise<void> {
    let beat = empty;
    while (!this.#off) {
      const batch = this.log.waiting(this.#size);
      if (!batch.length && !beat) break;
      beat = false;
      this.#say({ sending: true });
      const answer = await this.ask(batch).catch((): Answer => ({ kind: "later" }));
      if (!(await this.#heard(batch, answer))) break;
    }
    this.#say({ sending: false });
    this.rested();
  }

  // heard acts on an answer and says whether to go on at once.
  async #heard(batch: Event[], a: Answer): Promise<boolean> {
    if (a.kind !== "later") this.#reached();
    switch (a.kind) {
      case "held": {
        const moved = await this.log.mark(a.held);
        if (batch.length && !moved) return this.#later();
        this.#size = Math.min(MOST, this.#size * 2);
        return true;
      }
      case "large":
        if (batch.length > 1) {
          this.#size = Math.ceil(batch.length / 2);
          return true;
        }
        await this.#refuse(batch);
        return true;
      case "bad": {
        const bad = batch.filter((_, i) => a.bad.includes(i));
        if (!bad.length) return this.#later();
        await this.#refuse(bad);
        return true;
      }
      case "refused":
        this.#say({ refused: true });
        return false;
      case "later":
        if (!this.status.lost) this.#say({ lost: Date.now() });
        return this.#later(a.after);
    }
  }

  async #refuse(events: Event[]): Promise<void> {
    await this.log.mark(new Map(events.map((e) => [e.id, { state: "refused" as const }])));
  }

  #reached(): void {
    this.#failures = 0;
    this.#say({ reached: Date.now(), lost: 0, refused: false });
  }

  #later(after = 0): boolean {
    this.#failures++;
    this.#timer = setTimeout(() => void this.poke(), Math.max(after, pause(this.#failures, Math.random())));
    return false;
  }

  #say(s: Partial<Status>): void {
    Object.assign(this.status, s);
    this.changed();
  }
}
