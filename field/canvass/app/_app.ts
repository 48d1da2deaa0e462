// The app: what is open, which place is shown, and how something gets recorded. Views are functions from the app to a screen.

import { type Bytes, hex, text, utf8 } from "../../../internal/web/offline/_bytes";
import { erase, get, keys, META, put, remove, THING } from "../../../internal/web/offline/_db";
import { type Draft, type Entry, Log } from "../../../internal/web/offline/_log";
import { type Answer, pause, Sender } from "../../../internal/web/offline/_sender";
import { type Sealed, Vault } from "../../../internal/web/offline/_vault";
import { button, h, icon, type Kid } from "./_dom";
import { standing, type Turf, turfOf } from "./_turf";
import { type Delivered, held, type Key, opened, type Packet, Refusal, type Signed, Wire } from "./_wire";
import { clock, type Lang, n, speak, t } from "./_words";

export const STORE = "field-canvass";

const AWAY = 5 * 60_000; // after which the phone asks for the PIN again
const TOAST = 8000;
const GRACE = 24 * 3600_000; // a clock may be a day wrong before names go by themselves

export interface Site {
  name: string;
  keys: Key[];
  es: Record<string, string>;
  signIn: string;
  parcel?: string; // the key to which what is handed to another phone is sealed
}

export interface Spot {
  view: string;
  packet?: string;
  door?: string;
  person?: number | string;
  step?: string;
}

export interface Screen {
  title: string;
  sub?: string;
  right?: Kid[]; // in the bar
  body: Kid[];
  thumb?: Kid[]; // at the bottom
  bare?: boolean; // without the line about the server
  wide?: boolean; // the body reaches the edges
  live?: () => void; // called when something was sent
  shown?: () => void; // called when it stands
  left?: () => void; // called when it goes
}

export interface Who {
  device: string;
  name: string;
  org: number;
  orgName: string;
}

export interface Settings {
  lang: Lang;
  size: number; // 0, 1, 2
}

type View = (app: App, at: Spot) => Screen;

const labelOf = (e: HTMLInputElement | HTMLTextAreaElement): string => e.labels?.[0]?.textContent ?? "";

export class App {
  wire = new Wire();
  packets = new Map<string, Packet>();
  refused = new Map<string, string>(); // packets that could not be used, and why
  notices: string[] = [];
  who: Who | undefined;
  settings: Settings = { lang: "en", size: 0 };
  script: Record<string, string> = {}; // language of the script, by person
  offset = 0; // server's clock minus this phone's
  invitation = ""; // list number of the link that opened the app
  org = 0; // organisation of the link that opened the app
  screen: Screen | undefined;
  locked: () => void = () => undefined; // called when the phone was locked
  log: Log;
  sender: Sender;
  #stack: Spot[] = [];
  #hidden = 0;
  #away: ReturnType<typeof setTimeout> | undefined;
  #toast: ReturnType<typeof setTimeout> | undefined;
  #wipe = false;

  constructor(
    readonly site: Site,
    readonly db: IDBDatabase,
    readonly vault: Vault,
    readonly views: Record<string, View>,
    readonly root: HTMLElement,
  ) {
    this.log = new Log(db, vault);
    this.sender = new Sender(this.log, (events) => this.#send(events), () => this.changed(), () => void this.tidy());
    addEventListener("popstate", (e) => this.#popped(e));
    addEventListener("online", () => void this.sender.signal().then(() => this.deliver()));
    addEventListener("offline", () => this.changed());
    document.addEventListener("visibilitychange", () => this.#visible());
  }

  // --- places

  get at(): Spot {
    return this.#stack[this.#stack.length - 1] ?? { view: "turfs" };
  }

  go(to: Spot): void {
    this.#stack.push(to);
    history.pushState({ n: this.#stack.length - 1 }, "");
    this.render();
  }

  // instead shows another place without a way back to this one.
  instead(to: Spot): void {
    this.#stack[Math.max(0, this.#stack.length - 1)] = to;
    this.render();
  }

  back(): void {
    if (this.#stack.length > 1) history.back();
    else this.reset({ view: this.packets.size ? "turfs" : "start" });
  }

  // backTo returns to the nearest place that shows view, or goes there.
  backTo(view: string, otherwise: Spot): void {
    let i = this.#stack.length - 1;
    while (i >= 0 && this.#stack[i]?.view !== view) i--;
    if (i < 0) this.instead(otherwise);
    else if (i < this.#stack.length - 1) history.go(i - this.#stack.length + 1);
    else this.render();
  }

  // reset forgets the way here.
  reset(...to: Spot[]): void {
    this.#stack = [...to];
    history.replaceState({ n: 0 }, "", location.pathname);
    for (let i = 1; i < to.length; i++) history.pushState({ n: i }, "");
    this.render();
  }

  #popped(e: PopStateEvent): void {
    const n = (e.state as { n?: number } | null)?.n ?? 0;
    if (n >= this.#stack.length) {
      history.replaceState({ n: this.#stack.length - 1 }, "");
      return;
    }
    this.#stack.length = Math.max(1, n + 1);
    this.render();
  }

  // --- the screen

  // refresh shows the same place as it is now; focus, scroll and what somebody is typing stay.
  refresh(): void {
    const k = document.activeElement?.getAttribute("data-k");
    const y = scrollY;
    const typed = this.#inputs().map(e => ({ label: labelOf(e), text: e.value, here: e === document.activeElement, at: e.selectionStart }));
    this.render(true);
    for (const e of this.#inputs()) {
      const was = typed.find(x => x.label === labelOf(e));
      if (!was) continue;
      e.value = was.text;
      if (!was.here) continue;
      e.focus({ preventScroll: true });
      if (was.at !== null) e.setSelectionRange(was.at, was.at);
    }
    scrollTo(0, y);
    if (k) this.root.querySelector<HTMLElement>(`[data-k="${CSS.escape(k)}"]`)?.focus({ preventScroll: true });
  }

  #inputs(): (HTMLInputElement | HTMLTextAreaElement)[] {
    return [...this.root.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>("textarea, input:not([type=checkbox], [type=radio], [type=file])")];
  }

  render(again = false): void {
    this.screen?.left?.();
    const view = this.views[this.at.view] ?? this.views["turfs"];
    if (!view) return;
    const s = (this.screen = view(this, this.at));
    const h1 = h("h1", { tabindex: -1 }, s.title);
    const back = this.#stack.length > 1 && button("button", () => this.back(), [icon("back")], { "aria-label": t("Back") });
    this.root.replaceChildren(
      h("header.bar", {}, back, h("div.grow", {}, h1, !!s.sub && h("p", {}, s.sub)), ...(s.right ?? [])),
      ...(s.bare ? [] : [this.#line()]),
      h(s.wide ? "main.body" : "main.body.pad.stack", { id: "main" }, ...s.body),
      ...(s.thumb?.some(Boolean) ? [h("footer.thumb.stack-2", {}, ...s.thumb)] : []),
    );
    document.title = `${s.title} · ${this.site.name}`;
    performance.mark("shown");
    s.shown?.();
    this.#foot();
    if (again) return;
    h1.focus({ preventScroll: true });
    const here = this.root.querySelector("li > [aria-current]");
    if (here) here.scrollIntoView({ block: "center" });
    else scrollTo(0, 0);
    void this.remember();
  }

  // changed shows what sending did, without touching what somebody may be typing.
  changed(): void {
    const old = this.root.querySelector(".sync");
    const line = this.#line();
    if (old && old.outerHTML !== line.outerHTML) {
      old.className = line.className; // the element stays: screen readers listen to it
      old.replaceChildren(...line.childNodes);
    }
    this.screen?.live?.();
  }

  // line is where the answers are: on the server, on their way, or here.
  #line(): HTMLElement {
    const s = this.sender.status;
    const f = this.log.figures();
    const [quiet, words] = this.#where(f.waiting, f.safe);
    return h("p", { class: quiet ? "sync" : "sync off", role: "status" }, icon(quiet ? "cloud" : "cloudoff"), h("span", {}, words), s.reached > 0 && h("span.push.mute.nowrap", {}, clock(s.reached)));
  }

  #where(waiting: number, safe: number): [quiet: boolean, words: string] {
    const s = this.sender.status;
    if (s.refused) return [false, t("The server does not know this phone any more. Answers are kept here.")];
    if (s.lost || !navigator.onLine) {
      if (!waiting) return [false, t("No signal. Answers are kept on this phone.")];
      return [false, n(waiting, "No signal. %s answer is kept on this phone.", "No signal. %s answers are kept on this phone.")];
    }
    if (waiting) return [true, n(waiting, "Sending %s answer", "Sending %s answers")];
    if (!safe) return [true, t("Answers go up by themselves")];
    return [true, n(safe, "Your answer is on the server", "All %s answers are on the server")];
  }

  // toast says what was done and offers to take it back, for as long as somebody may be reading it.
  toast(words: string, undo?: () => Promise<unknown>): void {
    const region = document.getElementById("toast");
    if (!region) return;
    const gone = (): void => region.replaceChildren();
    const later = (): void => {
      clearTimeout(this.#toast);
      this.#toast = setTimeout(gone, TOAST);
    };
    const hold = (): void => clearTimeout(this.#toast);
    const take = async (): Promise<void> => {
      gone();
      await undo?.();
      this.toast(t("Taken back"));
    };
    const box = h("div.toast", { on: { pointerenter: hold, pointerleave: later, focusin: hold, focusout: later } }, h("span.grow", {}, words), undo && button("button.btn.bare", take, [t("Undo")]));
    region.replaceChildren(box);
    this.#foot();
    later();
  }

  // foot keeps what floats above what is under the thumb.
  #foot(): void {
    const thumb = this.root.querySelector<HTMLElement>(".thumb");
    const high = thumb && getComputedStyle(thumb).position === "sticky" ? thumb.offsetHeight : 0;
    document.documentElement.style.setProperty("--foot", `${high + 8}px`);
  }

  // --- recording

  #last = new Map<string, string>(); // the door last visited, by packet

  // last is the door that was visited last, undefined before the first.
  last(packet: string): string | undefined {
    const found = this.#last.get(packet);
    if (found) return found;
    const mine = standing(this.log.entries.filter((e) => e.event.packet === packet));
    return mine[mine.length - 1]?.event.door;
  }

  visited(packet: string, door: string): void {
    this.#last.set(packet, door);
  }

  turf(packet = this.at.packet): Turf | undefined {
    const p = this.packets.get(packet ?? "");
    return p && turfOf(p, this.log.entries);
  }

  // record keeps what a tap says. It is on the phone's storage when this resolves; then it is sent, when it can be.
  async record(drafts: Draft[], words: string): Promise<Entry[]> {
    const added = await this.log.add(drafts);
    void this.sender.poke();
    if (words) this.toast(words, () => this.undo(added));
    return added;
  }

  async undo(entries: Entry[]): Promise<void> {
    const drafts = entries.map(({ event: e }): Draft => ({ packet: e.packet, kind: "undo", door: e.door, ...(e.person !== undefined && { person: e.person }), data: { of: e.id } }));
    await this.log.add(drafts);
    for (const e of entries) this.#last.delete(e.event.packet); // whoever takes back stands at the door before
    void this.sender.poke();
    this.refresh();
  }

  async #send(events: Parameters<Wire["sync"]>[2]): Promise<Answer> {
    if (!navigator.onLine) return { kind: "later" };
    try {
      const said = await this.wire.sync(await this.vault.token(), [...this.packets.keys()], events);
      this.offset = said.now - Date.now();
      for (const p of said.packets ?? []) if (p.state !== "open" && this.packets.has(p.id)) this.#over.add(p.id);
      this.#wipe ||= said.wipe === true;
      return held(said);
    } catch (e) {
      if (!(e instanceof Refusal)) return { kind: "later" };
      if (e.status === 413) return { kind: "large" };
      if (e.status === 422 && e.bad.length) return { kind: "bad", bad: e.bad };
      if (e.status === 401) return { kind: "refused" };
      return { kind: "later", after: e.after };
    }
  }

  #over = new Set<string>(); // packets that were taken back or have ended

  // tidy takes off the phone what is not to be on it any more, which it hears when it sends. Answers that wait are never touched.
  async tidy(): Promise<void> {
    if (!this.vault.isOpen) return;
    for (const [id, p] of this.packets) if (Date.now() + this.offset > Date.parse(p.ends) + GRACE) this.#over.add(id);
    for (const id of this.#over) {
      if (this.log.waiting().some((e) => e.packet === id)) continue;
      const p = this.packets.get(id);
      this.#over.delete(id);
      await this.drop(id);
      if (p) this.notices.push(t("%s is over or was taken back. Everything recorded there is on the server.", p.turf.name));
      if (this.at.packet === id) this.reset({ view: "turfs" });
      else this.screen?.live?.();
    }
    await this.deliver();
    const f = this.log.figures();
    if (this.#wipe && f.waiting + f.refused + this.carried.size === 0) await this.erase(t("The access of this phone has ended. Everything recorded on it is on the server."));
  }

  // --- packets

  async fetch(ids: string[]): Promise<void> {
    const token = await this.vault.token();
    for (const id of ids) {
      if (this.packets.has(id)) continue;
      const signed = await this.wire.packet(token, id);
      await this.#take(id, signed);
    }
  }

  async #take(id: string, signed: Signed): Promise<void> {
    const known = this.site.keys.some((k) => k.id === signed.key) ? this.site.keys : await this.wire.keys();
    const p = await opened(signed, id, known);
    if (!p) {
      this.refused.set(id, t("A turf that arrived was not signed by this site, so it was not used. Nothing else is touched. Tell the person who gave it to you."));
      return;
    }
    this.refused.delete(id);
    await this.#keep(`packet:${id}`, signed);
    this.packets.set(id, p);
  }

  async drop(id: string): Promise<void> {
    this.packets.delete(id);
    await remove(this.db, THING, `packet:${id}`);
    await this.log.release((e) => e.packet === id);
  }

  async #keep(name: string, value: unknown): Promise<void> {
    await put(this.db, THING, name, await this.vault.seal(utf8(JSON.stringify(value)), name));
  }

  async #kept<T>(name: string): Promise<T | undefined> {
    const box = await get<Sealed>(this.db, THING, name);
    return box && (JSON.parse(text(await this.vault.unseal(box, name))) as T);
  }

  // remember keeps where somebody is and in which language they talk, for when the phone closes the app.
  async remember(): Promise<void> {
    if (this.vault.isOpen && this.at.packet) await this.#keep("place", { way: this.#stack, script: this.script }).catch(() => undefined);
  }

  // --- what other phones handed over

  carried = new Set<string>(); // the keys under which it is kept; it is sealed to the server, so it is kept as it came, also while locked
  #undelivered = 0;
  #later: ReturnType<typeof setTimeout> | undefined;

  // recall finds what was handed over before the app was closed.
  async recall(): Promise<void> {
    for (const k of await keys(this.db, THING)) if (k.startsWith("parcel:")) this.carried.add(k);
    void this.deliver();
  }

  // carry keeps what another phone handed over and delivers it if it can: then it returns what the server says. What the server refuses is an error.
  async carry(parcel: Bytes): Promise<Delivered | undefined> {
    const key = `parcel:${hex(new Uint8Array(await crypto.subtle.digest("SHA-256", parcel)).slice(0, 16))}`;
    await put(this.db, THING, key, parcel);
    this.carried.add(key);
    return this.#deliverOne(key);
  }

  // deliverOne takes a parcel to the server. Unless that cannot be reached it is done with it: what is refused is still on the phone it came from.
  async #deliverOne(key: string): Promise<Delivered | undefined> {
    const parcel = await get<Bytes>(this.db, THING, key);
    let said: Delivered | undefined;
    let refused: Refusal | undefined;
    if (parcel) {
      try {
        said = await this.wire.parcel(parcel);
      } catch (e) {
        if (!(e instanceof Refusal) || e.status === 429 || e.status >= 500) return this.#deliverLater(), undefined;
        refused = e;
      }
    }
    await remove(this.db, THING, key);
    this.carried.delete(key);
    this.#undelivered = 0;
    if (refused) throw refused;
    return said;
  }

  #deliverLater(): void {
    clearTimeout(this.#later);
    this.#later = setTimeout(() => void this.deliver(), pause(++this.#undelivered, Math.random()));
  }

  // deliver takes all that was handed over to the server.
  async deliver(): Promise<void> {
    if (!navigator.onLine) return;
    for (const key of [...this.carried]) {
      try {
        const said = await this.#deliverOne(key);
        if (!said) return;
        this.toast(n(said.held, "%s answer of another phone is on the server now.", "%s answers of another phone are on the server now."));
      } catch (e) {
        this.toast(e instanceof Error ? e.message : "");
      }
      this.screen?.live?.();
    }
  }

  // --- opening and closing

  // create readies a phone that was just given a device.
  async create(pin: string, j: { wrap: string; token: string } & Who, number: string): Promise<void> {
    await this.vault.create(pin, j.wrap, j.token, number);
    this.who = { device: j.device, name: j.name, org: j.org, orgName: j.orgName };
    await this.#keep("who", this.who);
    await navigator.storage?.persist?.().catch(() => false);
    this.sender.start();
    void this.sender.poke("now"); // so that the server knows how this phone's clock stands
  }

  // unlocked reads what the vault holds and shows the place that was open.
  async unlocked(): Promise<void> {
    await this.log.load();
    this.who = await this.#kept<Who>("who");
    for (const k of await keys(this.db, THING)) {
      if (!k.startsWith("packet:")) continue;
      const signed = await this.#kept<Signed>(k);
      if (signed) this.packets.set(k.slice(7), JSON.parse(signed.packet) as Packet);
    }
    await this.tidy();
    this.sender.start();
    void this.sender.poke("rested");
    const place = await this.#kept<{ way: Spot[]; script: Record<string, string> }>("place");
    this.script = place?.script ?? {};
    const way = (place?.way ?? []).filter((s) => !s.packet || this.packets.has(s.packet));
    if (this.invitation) this.reset({ view: "turfs" }, { view: "join" });
    else if (way.length) this.reset(...way);
    else this.reset(...this.opening());
  }

  // opening is the place for somebody who has not been anywhere yet.
  opening(): Spot[] {
    const [only] = this.packets.keys();
    return this.packets.size === 1 && only ? [{ view: "turfs" }, { view: "doors", packet: only }] : [{ view: "turfs" }];
  }

  lock(): void {
    if (!this.vault.isOpen) return;
    this.sender.stop();
    this.vault.lock();
    this.log.forget();
    this.packets.clear();
    this.who = undefined;
    this.script = {};
    document.getElementById("toast")?.replaceChildren();
    this.reset({ view: "unlock" });
    this.locked();
  }

  // erase takes everything off the phone and says why.
  async erase(why: string): Promise<void> {
    this.sender.stop();
    this.vault.lock();
    this.log.forget();
    this.packets.clear();
    this.db.close();
    await erase(STORE);
    this.notices = [why];
    this.reset({ view: "erased" });
  }

  #visible(): void {
    if (document.visibilityState === "hidden") {
      this.#hidden = Date.now();
      this.#away = setTimeout(() => this.lock(), AWAY);
      void this.sender.poke();
      return;
    }
    clearTimeout(this.#away);
    if (this.#hidden && Date.now() - this.#hidden > AWAY) this.lock();
    else if (this.vault.isOpen) void this.sender.poke("rested");
    this.#hidden = 0;
  }

  // --- settings, which are readable while locked

  async set(s: Partial<Settings>): Promise<void> {
    Object.assign(this.settings, s);
    this.apply();
    await put(this.db, META, "settings", this.settings);
  }

  apply(): void {
    speak(this.settings.lang);
    this.wire.lang = document.documentElement.lang = this.settings.lang;
    document.documentElement.dataset["size"] = String(this.settings.size);
  }

  // space is how much the phone keeps, in bytes; 0 where the browser does not say.
  async space(): Promise<{ used: number; safe: boolean }> {
    const used = (await navigator.storage?.estimate?.())?.usage ?? 0;
    return { used, safe: (await navigator.storage?.persisted?.()) ?? false };
  }
}
