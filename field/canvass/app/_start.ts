// Coming in: a list number or an account, a PIN, and the lock.

import { Log } from "../../../internal/web/offline/_log";
import type { App, Screen, Spot } from "./_app";
import { button, type Field, field, h, icon, type Kid } from "./_dom";
import { type Joined, Refusal } from "./_wire";
import { clock, type Lang, n, t } from "./_words";

const FEWEST = 4; // digits of a PIN

const digits = (s: string): string => s.replace(/\D/g, "");

// languages is the choice by the languages' own names.
export const languages = (app: App): HTMLElement => {
  const one = (l: Lang, name: string): HTMLButtonElement =>
    button("button.btn", async () => (await app.set({ lang: l }), app.refresh()), [name], { lang: l, "aria-pressed": String(app.settings.lang === l), "data-k": `lang-${l}` });
  return h("div.seg", { role: "group", "aria-label": t("Language") }, one("en", "English"), one("es", "Español"));
};

// said is what went wrong with a question to the server, in the reader's language.
export const said = (e: unknown): string => {
  if (e instanceof Refusal && e.message) return e.message;
  if (e instanceof Refusal) return t("The server could not answer. Nothing is lost; try again in a moment.");
  return t("There is no signal here. Go to where there is some, and try again.");
};

// form puts fields and a button together: Enter sends, the button says that it is busy, and what goes wrong stands above.
export const form = (kids: Kid[], send: string, submit: () => Promise<string | undefined>): { body: HTMLElement; thumb: Kid[] } => {
  const wrong = h("p.note.bad", { role: "alert", hidden: true });
  const go = h("button.btn.go.wide", { type: "submit", form: "form" }, send);
  const run = async (e: Event): Promise<void> => {
    e.preventDefault();
    if (go.disabled) return;
    go.disabled = true;
    go.textContent = t("One moment");
    try {
      const fault = (await submit()) ?? "";
      wrong.textContent = fault;
      wrong.hidden = !fault;
      if (fault) wrong.scrollIntoView({ block: "nearest" });
    } catch (x) {
      wrong.textContent = said(x);
      wrong.hidden = false;
    } finally {
      go.disabled = false;
      go.textContent = send;
    }
  };
  return { body: h("form.stack", { id: "form", novalidate: true, on: { submit: run } }, wrong, ...kids), thumb: [go] };
};

// signIn goes to the site's sign-in page and comes back; what is on the phone stays.
const signIn = (app: App): void => location.assign(`${app.site.signIn}?next=${encodeURIComponent(location.pathname)}`);

// must complains beside an input that is empty.
const must = (f: Field, say: string, ok = f.value() !== ""): boolean => {
  f.fault(ok ? "" : say);
  return ok;
};

// start joins a phone that belongs to nobody yet; somebody who is in already gets further turfs the same way.
export const start = (app: App): Screen => {
  const already = app.who !== undefined;
  const number = field(t("List number"), { value: app.invitation, mode: "numeric", max: 20, hint: t("Seven digits, on your paper or from the person who leads the canvass") });
  const name = field(t("Your first name and last name"), { complete: "name", max: 100 });
  const join = async (): Promise<string | undefined> => {
    const ok = must(number, t("Type the list number, for example 4821-730."), digits(number.value()).length >= 6);
    if (!(already || must(name, t("Type your name, so that the person who leads the canvass knows who is out."))) || !ok) return undefined;
    return joined(app, await app.wire.join(digits(number.value()), already ? (app.who?.name ?? "") : name.value(), already ? await app.vault.token() : ""), digits(number.value()));
  };
  const account = async (): Promise<void> => {
    try {
      const fault = await joined(app, await app.wire.joinAs(app.org, already ? await app.vault.token() : ""), "");
      if (fault) app.toast(fault);
    } catch (e) {
      if (e instanceof Refusal && e.status === 401) signIn(app);
      else app.toast(said(e));
    }
  };
  const camera = "mediaDevices" in navigator && button("button.btn.wide", () => app.go({ view: "scan" }), [icon("qr"), t("Scan the code on the paper")]);
  const f = form([number.box, camera, !already && name.box], already ? t("Take the turf along") : t("Start canvassing"), join);
  return {
    title: already ? t("Another list") : t("Canvass"),
    sub: app.site.name,
    bare: !already,
    body: [
      carrying(app),
      !already && h("div.row", {}, h("span.label", {}, t("Language")), languages(app)),
      f.body,
      !already && h("p.hint", {}, t("Turf, script and people come along once, and work without signal. What is on this phone is locked with a PIN that you choose next.")),
    ],
    thumb: [...f.thumb, button("button.btn.wide", account, [t("I have an account here")])],
  };
};

// carrying says what of other phones waits here.
export const carrying = (app: App): Kid =>
  app.carried.size > 0 && h("p.note.plain", {}, icon("info"), h("span", {}, n(app.carried.size, "What another phone handed over waits here and goes up when there is signal.", "What %s other phones handed over waits here and goes up when there is signal.")));

// joined goes on after the server said yes: to the PIN on a new phone, to the turfs on one that is in already.
const joined = async (app: App, j: Joined, number: string): Promise<string | undefined> => {
  app.invitation = "";
  if (j.token && app.who) return t("That list belongs to another organization. Finish here, empty this phone in the settings, and type the number again.");
  if (j.token) {
    pending = { ...j, number };
    app.instead({ view: "pin" });
    return undefined;
  }
  await app.fetch(j.packets);
  app.backTo("turfs", { view: "turfs" });
  return undefined;
};

let pending: (Joined & { number: string }) | undefined;

const pins = (): { one: Field; two: Field; ok: () => boolean } => {
  const one = field(t("PIN"), { type: "password", mode: "numeric", max: 12, complete: "new-password", hint: t("At least 4 digits that nobody guesses") });
  const two = field(t("The same PIN again"), { type: "password", mode: "numeric", max: 12, complete: "new-password" });
  const ok = (): boolean =>
    must(one, t("The PIN needs at least 4 digits, and digits only."), /^\d+$/.test(one.value()) && one.value().length >= FEWEST) && must(two, t("The two PINs differ. Type the same one twice."), one.value() === two.value());
  return { one, two, ok };
};

export const pin = (app: App): Screen => {
  const p = pins();
  const f = form([p.one.box, p.two.box], t("Lock this phone with the PIN"), async () => {
    if (!pending || !p.ok()) return undefined;
    await app.create(p.one.value(), pending, pending.number);
    const ids = pending.packets;
    pending = undefined;
    await app.fetch(ids).catch(() => undefined); // the turfs page offers what did not come
    app.reset(...app.opening());
    return undefined;
  });
  return {
    title: t("Choose a PIN"),
    sub: app.site.name,
    bare: true,
    body: [h("p", {}, t("Names and answers on this phone are encrypted. After 5 minutes away, or when the app was closed, the PIN opens them again, without signal too.")), f.body],
    thumb: f.thumb,
  };
};

export const unlock = (app: App): Screen => {
  const one = field(t("PIN"), { type: "password", mode: "numeric", max: 12, complete: "current-password" });
  const f = form([one.box], t("Unlock"), async () => {
    if (!must(one, t("Type your PIN."))) return undefined;
    switch (await app.vault.byPIN(one.value())) {
      case "open":
        await app.unlocked();
        return undefined;
      case "wrong":
        one.fault(t("That is not the PIN. Try again."));
        return undefined;
      case "wait":
        return t("Too many wrong PINs. You can try again at %s.", clock(await app.vault.mayTryAt()));
      case "gone":
        return t("The PIN was wrong too often and is not valid any more. Choose “Forgot the PIN” below; nothing is lost.");
    }
  });
  return {
    title: t("Locked"),
    sub: app.site.name,
    bare: true,
    body: [f.body, h("p.hint", { id: "kept" })],
    thumb: [...f.thumb, button("button.btn.wide", () => app.go({ view: "forgot" }), [t("Forgot the PIN")])],
    shown: () =>
      void Log.waitingWhileLocked(app.db).then((w) => {
        const p = document.getElementById("kept");
        if (p && w) p.textContent = n(w, "%s answer waits on this phone and goes up when you unlock it.", "%s answers wait on this phone and go up when you unlock it.");
      }),
  };
};

// forgot opens the phone with the list number and the half of the key that the server keeps.
export const forgot = (app: App): Screen => {
  const number = field(t("List number"), { mode: "numeric", max: 20, hint: t("The one this phone joined with. With an account, leave it empty and be signed in.") });
  const p = pins();
  const f = form([number.box, p.one.box, p.two.box], t("Open with a new PIN"), async () => {
    if (!p.ok()) return undefined;
    const token = await app.vault.tokenBy(digits(number.value()));
    if (token === undefined) {
      number.fault(t("That is not the list number this phone joined with."));
      return undefined;
    }
    try {
      if (!(await app.vault.byHalf(await app.wire.wrap(token), p.one.value()))) return t("The key that the server has does not fit this phone. Ask the person who leads the canvass.");
    } catch (e) {
      if (e instanceof Refusal && e.status === 401 && !digits(number.value())) {
        signIn(app); // somebody with an account opens their phone with a session
        return undefined;
      }
      if (!(e instanceof Refusal && e.wipe)) throw e;
      if ((await Log.waitingWhileLocked(app.db)) === 0) await app.erase(t("The access of this phone has ended. Everything recorded on it is on the server."));
      return t("This phone was signed out from the office. Answers still wait here; they go up when the PIN opens it.");
    }
    await app.unlocked();
    return undefined;
  });
  return {
    title: t("Forgot the PIN"),
    sub: app.site.name,
    bare: true,
    body: [h("p", {}, t("With signal, the list number opens the phone again. Nothing on it is lost.")), f.body],
    thumb: f.thumb,
  };
};

export const erased = (app: App): Screen => ({
  title: t("This phone is empty"),
  sub: app.site.name,
  bare: true,
  body: app.notices.map((s) => h("p.note.ok", {}, icon("check"), h("span", {}, s))),
  thumb: [button("button.btn.wide", () => location.reload(), [t("Start again")])],
});

// turfs are the turfs on this phone, and those it may take along.
export const turfs = (app: App): Screen => {
  const offers = h("div.stack", {});
  const look = async (): Promise<void> => {
    const all = await app.wire.packets(await app.vault.token());
    const rest = all.filter((o) => o.state === "open" && (o.near || !app.packets.has(o.id)));
    if (!rest.length) return;
    const rows = rest.map((o) => h("li", {}, h("span.grow", {}, h("b", {}, o.turf || o.map), h("br"), h("span.mute", {}, n(o.doors, "%s door", "%s doors"))), button("button.btn", () => take(o.id, o.near), [o.near ? t("Take the nearest doors") : t("Take along")])));
    offers.replaceChildren(h("h2", {}, t("For you, not yet on this phone")), h("ul.list", {}, ...rows));
  };
  const take = async (id: string, near?: number): Promise<void> => {
    try {
      const ids = near ? [await app.wire.near(await app.vault.token(), near, await here(), 20)] : [id];
      await app.fetch(ids);
      app.refresh();
    } catch (e) {
      app.toast(e instanceof GeolocationPositionError ? t("The phone does not say where you are. Allow it to, and try again.") : said(e));
    }
  };
  const row = (id: string): Kid => {
    const turf = app.turf(id);
    if (!turf) return undefined;
    const to: Spot = { view: "doors", packet: id };
    const [p, all] = [turf.packet, turf.places.length];
    return h(
      "li",
      {},
      h("a", { href: "#", on: { click: (e: Event) => (e.preventDefault(), app.go(to)) } }, h("span.grow", {}, h("b", {}, `${p.turf.name} · ${p.turf.map}`), h("br"), h("span.mute", {}, t("%s of %s left", turf.left, n(all, "%s door", "%s doors")))), icon("chev")),
    );
  };
  return {
    title: t("Your turf"),
    sub: app.who?.orgName ?? app.site.name,
    right: [more(app)],
    body: [
      ...app.notices.map((s) => h("p.note.ok", {}, icon("check"), h("span", {}, s))),
      ...[...app.refused.values()].map((s) => h("p.note.bad", { role: "alert" }, icon("stop"), h("span", {}, s))),
      carrying(app),
      app.packets.size > 0 ? h("ul.rows", {}, ...[...app.packets.keys()].map(row)) : h("p.note.plain", {}, icon("info"), h("span", {}, t("There is no turf on this phone. Turf that is handed to you appears here, or you type a list number."))),
      offers,
    ],
    thumb: [button("button.btn.wide", () => app.go({ view: "join" }), [icon("plus"), t("Type a list number")])],
    shown: () => {
      app.notices = [];
      void look().catch(() => undefined);
    },
  };
};

const here = (): Promise<[number, number]> =>
  new Promise((resolve, reject) => navigator.geolocation.getCurrentPosition((p) => resolve([p.coords.longitude, p.coords.latitude]), reject, { timeout: 20_000 }));

export const more = (app: App): HTMLElement => button("button", () => app.go({ view: "more", ...(app.at.packet && { packet: app.at.packet }) }), [icon("more")], { "aria-label": t("More") });

export const settings = (app: App): Screen => {
  const sizes = [t("Usual"), t("Large"), t("Very large")].map((s, i) => button("button.btn", async () => (await app.set({ size: i }), app.refresh()), [s], { "aria-pressed": String(app.settings.size === i), "data-k": `size-${i}` }));
  const old = field(t("The PIN until now"), { type: "password", mode: "numeric", max: 12, complete: "current-password" });
  const p = pins();
  const f = form([old.box, p.one.box, p.two.box], t("Change the PIN"), async () => {
    if (!p.ok()) return undefined;
    if (!(await app.vault.changePIN(old.value(), p.one.value()))) {
      old.fault(t("That is not the PIN. Try again."));
      return undefined;
    }
    app.render();
    app.toast(t("The PIN is changed."));
    return undefined;
  });
  return {
    title: t("Settings"),
    sub: app.who?.name ?? "",
    body: [
      h("div.stack-2", {}, h("h2", {}, t("Language of the app")), languages(app), h("p.hint", {}, t("The language of the script follows the person at the door: choose it there."))),
      h("div.stack-2", {}, h("h2", {}, t("Size of the text")), h("div.seg", { role: "group", "aria-label": t("Size of the text") }, ...sizes)),
      h("div.stack-2", {}, h("h2", {}, t("Change the PIN")), f.body, ...f.thumb),
      ...leaving(app),
    ],
    thumb: [button("button.btn.wide", () => app.lock(), [icon("lock"), t("Lock now")])],
  };
};

// leaving gives a turf back, or empties the phone. Neither can be while something recorded waits here.
const leaving = (app: App): Kid[] => {
  const id = app.at.packet;
  const p = id && app.packets.get(id);
  const waits = (packet?: string): boolean => {
    const w = app.log.waiting().filter((e) => !packet || e.packet === packet).length;
    if (w) app.toast(n(w, "%s answer still waits here. Do this when it is on the server.", "%s answers still wait here. Do this when they are on the server."));
    else if (!packet && app.carried.size) app.toast(t("What another phone handed over still waits here. Do this when it is on the server."));
    return w > 0 || (!packet && app.carried.size > 0);
  };
  const empty = async (): Promise<void> => {
    if (!waits()) await app.erase(t("Everything recorded on this phone is on the server. The phone keeps nothing more."));
  };
  const last = h("div.stack-2", {}, h("h2", {}, t("Empty this phone")), h("p", {}, t("Takes all turf, answers and keys off this phone, for example before you hand it back.")), button("button.btn.bad.wide", empty, [t("Empty this phone")]));
  if (!id || !p) return [last];
  const leave = async (): Promise<void> => {
    if (waits(id)) return;
    await app.drop(id);
    app.notices.push(t("%s is off this phone.", p.turf.name));
    app.reset({ view: "turfs" });
    void app.sender.poke("now");
  };
  return [h("div.stack-2", {}, h("h2", {}, t("Leave the turf")), h("p", {}, t("Takes %s off this phone. What was recorded stays on the server, and the turf can be taken again.", p.turf.name)), button("button.btn.bad.wide", leave, [t("Leave %s", p.turf.name)])), last];
};
