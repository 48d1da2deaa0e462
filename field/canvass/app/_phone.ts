// What is on this phone: what waits, what the server holds, every record; and the way to everything else.

import type { Entry } from "../../../internal/web/offline/_log";
import type { App, Screen, Spot } from "./_app";
import { button, h, icon, type Kid } from "./_dom";
import { pill } from "./_doors";
import { type Pill, record } from "./_say";
import { low } from "./_map";
import { standing, turfOf } from "./_turf";
import { carrying } from "./_start";
import { bytes, number, t, when } from "./_words";

const SHOWN = 200; // records in the list; older ones are counted

export const phone = (app: App, at: Spot): Screen => {
  const box = h("div.stack", {});
  const fill = (): void => box.replaceChildren(...inside(app));
  fill();
  const facts = h("dl.facts", {});
  return {
    title: t("What is on this phone"),
    sub: app.packets.get(at.packet ?? "")?.turf.name ?? app.who?.name ?? "",
    body: [box, facts],
    thumb: [
      button("button.btn.wide", () => app.sender.poke("now"), [icon("sync"), t("Try to send now")]),
      !!app.site.parcel && button("button.btn.wide", () => app.go({ view: "handover", ...(at.packet && { packet: at.packet }) }), [icon("qr"), t("Hand over to a nearby phone")]),
    ],
    live: () => {
      if (!box.contains(document.activeElement)) fill();
    },
    shown: () => void space(app, at, facts),
  };
};

const inside = (app: App): Node[] => {
  const f = app.log.figures();
  const figure = (label: string, n: number): Kid => h("div", {}, h("dt", {}, label), h("dd", {}, number(n)));
  const lost = app.sender.status.lost;
  const stands = new Set(standing(app.log.entries));
  const shown = [...app.log.entries].reverse().slice(0, SHOWN);
  return [
    h("dl.figs.big", {}, figure(t("Waiting here"), f.waiting + f.refused), figure(t("On the server"), f.safe), figure(t("Lost"), f.lost)),
    lost > 0 && h("p.is-warn", {}, t("No signal since %s", when(lost))),
    carrying(app),
    h("p.m.mute", {}, t("Answers go up by themselves when there is signal. An answer leaves this phone only after the server says it holds it. There is nothing to commit.")),
    h("ul.list.m", {}, ...shown.map((e) => row(app, e, stands.has(e)))),
    app.log.entries.length === 0 && h("p.mute", {}, t("Nothing is recorded yet.")),
  ].filter((k) => k instanceof Node);
};

const state = (e: Entry): Pill => {
  switch (e.state) {
    case "waiting":
      return { kind: "warn", words: t("Waiting") };
    case "safe":
      return { kind: "ok", words: t("Received") };
    case "aside":
      return { kind: "on", words: t("Set aside") };
    case "refused":
      return { kind: "bad", words: t("Kept here") };
  }
};

const row = (app: App, e: Entry, stands: boolean): HTMLElement => {
  const p = app.packets.get(e.event.packet);
  const words = record(e, p, p ? turfOf(p, app.log.entries).places : [], app.settings.lang);
  const why = e.state === "refused" ? t("The server cannot read this record. It is kept on this phone.") : app.settings.lang === "es" && e.why?.es ? e.why.es : e.why?.en;
  const taken = e.event.kind !== "undo" && !stands;
  const back = stands && e.event.kind !== "undo" && p && button("button.btn.bare", () => app.undo([e]), [icon("undo")], { "aria-label": t("Take back: %s", words) });
  return h("li", {}, h("span.grow", {}, pill(state(e)), taken ? h("s", {}, words) : words, !!why && h("span.s.mute.block", {}, why)), h("span.mute.num.nowrap", {}, when(e.event.at)), back);
};

const space = async (app: App, at: Spot, facts: HTMLElement): Promise<void> => {
  const { used, safe } = await app.space();
  const p = app.packets.get(at.packet ?? "");
  const fact = (k: string, v: string): Node[] => [h("dt", {}, k), h("dd", {}, v)];
  facts.replaceChildren(
    ...(p ? fact(t("Turf stays until"), when(Date.parse(p.ends))) : []),
    ...(used ? fact(t("Space used"), bytes(used)) : []),
    ...fact(t("Storage"), safe ? t("The phone keeps it until it is erased") : t("The phone may clear it when it runs out of space")),
    ...((await low()) ? fact(t("Battery"), t("Low: the map draws less")) : []),
  );
};

// menu is the way to everything that is no door.
export const menu = (app: App, at: Spot): Screen => {
  const own = at.packet ? { packet: at.packet } : {};
  const to = (view: string, i: string, words: string): Kid => h("li", {}, button("button", () => app.instead({ ...own, view }), [icon(i), h("span.grow", {}, words)]));
  return {
    title: t("More"),
    sub: app.who?.name ?? "",
    body: [
      h("ul.rows", {}, to("phone", "cloud", t("What is on this phone")), to("turfs", "layers", t("Your turf")), to("join", "plus", t("Type a list number")), to("scan", "qr", t("Scan a code")), to("settings", "filter", t("Settings")), h("li", {}, button("button", () => app.lock(), [icon("lock"), h("span.grow", {}, t("Lock now"))]))),
    ],
  };
};
