// The doors of a turf in walking order, and one door with the people behind it.

import type { Draft } from "../../../internal/web/offline/_log";
import type { App, Screen, Spot } from "./_app";
import { button, h, icon, type Kid } from "./_dom";
import { aged, doorPill, facePill, household, type Pill, result, short, unit, address, first } from "./_say";
import { inLanguage } from "./_script";
import { more } from "./_start";
import { part } from "./_steps";
import { type Face, next, type Place, runs, type Turf } from "./_turf";
import type { Result } from "./_wire";
import { day, minutes, n, t } from "./_words";

export const pill = (p: Pill): HTMLElement => h("span", { class: `pill ${p.kind}` }, p.words);

const side = (s: string): string => (s === "odd" ? t("odd side") : s === "even" ? t("even side") : "");

const link = (to: () => void, props: Record<string, unknown>, ...kids: Kid[]): HTMLElement => h("a", { href: "#", ...props, on: { click: (e: Event) => (e.preventDefault(), to()) } }, ...kids);

// gone is shown where a turf was that is not on this phone any more.
export const gone = (): Screen => ({ title: t("Not on this phone"), body: [h("p", {}, t("This turf is not on this phone any more."))] });

export const indexOf = (turf: Turf, door: string | undefined): number => turf.places.findIndex((p) => p.door.id === door);

// nextButton is the one big action: the door to go to.
export const nextButton = (turf: Turf, from: number, go: (to: Spot) => void, words?: string): Kid => {
  const p = next(turf, from);
  if (!p) return undefined;
  const say = words ?? (p.standing === "again" ? t("Try again: %s", short(p.door)) : t("Next door: %s", short(p.door)));
  return button("button.btn.go.grow", () => go({ view: "door", packet: turf.packet.id, door: p.door.id }), [say]);
};

export const doors = (app: App, at: Spot): Screen => {
  const turf = app.turf(at.packet);
  if (!turf) return gone();
  const p = turf.packet;
  const here = indexOf(turf, app.last(p.id));
  const current = next(turf, here)?.door.id;
  const row = (x: Place): Kid => {
    const stand = doorPill(x, p, app.settings.lang);
    return h(
      "li",
      {},
      link(
        () => app.go({ view: "door", packet: p.id, door: x.door.id }),
        { "aria-current": x.door.id === current && "true" },
        h("span.no", {}, x.door.house),
        h("span", {}, h("b", {}, x.standing === "locked" ? t("Not to be visited") : household(x)), h("br"), pill(x.door.id === current && x.standing === "todo" ? { kind: "on", words: t("Next") } : stand)),
        h("span.mute", {}, unit(x.door.unit), icon("chev")),
      ),
    );
  };
  const list = runs(turf).flatMap((r) => {
    const left = r.places.filter((x) => x.standing === "todo").length;
    const words = [side(r.side), t("%s of %s left", left, r.places.length)].filter(Boolean).join(", ");
    return [h("li.street", {}, h("h2", {}, h("span", {}, r.street || t("Without a street")), h("span.mute", {}, words))), ...r.places.map(row)];
  });
  const sub = turf.left ? `${t("%s of %s left", turf.left, n(turf.places.length, "%s door", "%s doors"))} · ${t("about %s", minutes(turf.minutes))}` : t("All doors are done");
  return {
    title: `${p.turf.name} · ${p.turf.map}`,
    sub,
    right: [button("button", () => app.instead({ view: "map", packet: p.id }), [icon("map")], { "aria-label": t("Show the map") })],
    wide: true,
    body: [h("ol.doors", {}, ...list)],
    thumb: [
      h(
        "div.row.tight",
        {},
        nextButton(turf, here, (to) => app.go(to)) ?? button("button.btn.go.grow", () => app.go({ view: "phone", packet: p.id }), [t("See what is on this phone")]),
        button("button.btn", () => app.go({ view: "newdoor", packet: p.id, ...(current && { door: current }) }), [icon("plus")], { "aria-label": t("Add a door that is missing") }),
        h("span.dark", {}, more(app)),
      ),
    ],
  };
};

// picks are the quick results, and the way to the others.
export const picks = (app: App, at: Spot, results: Result[], label: string, pick: (key: string, words: string) => Promise<void>): Kid[] => {
  const icons: Record<string, string> = { not_home: "door", refused: "x", moved: "walk", lit_dropped: "doc", inaccessible: "lock", call_back: "clock" };
  const quick = results.filter((r) => r.quick).slice(0, 3);
  const one = (r: Result): Kid => {
    const words = inLanguage(r.text, app.settings.lang, ["en"]).text;
    return button("button.btn", () => pick(r.key, words), [icon(icons[r.key] ?? "flag"), words]);
  };
  return [h("p.s.mute", { id: "picks" }, label), h("div.picks", { role: "group", "aria-labelledby": "picks" }, ...quick.map(one), button("button.btn", () => app.go({ ...at, view: "results" }), [icon("more"), t("Other result")]))];
};

// fits returns the results for a person, or for a whole door.
export const fits = (results: Result[], whole: boolean): Result[] => results.filter((r) => r.for === "any" || r.for === (whole ? "door" : "person"));

// tried records a result and goes on: back to the doors after a whole door, back to the door after one of its people.
export const tried = async (app: App, at: Spot, key: string, words: string): Promise<void> => {
  const turf = app.turf(at.packet);
  const p = turf?.places[indexOf(turf, at.door)];
  if (!turf || !p) return;
  const f = p.faces.find((x) => x.person.id === at.person);
  const draft: Draft = { packet: turf.packet.id, kind: "attempt", door: p.door.id, ...(at.person !== undefined && { person: at.person }), data: { result: key } };
  await app.record([draft], t("%s: %s", [short(p.door), f && first(f.person)].filter(Boolean).join(", "), words));
  app.visited(turf.packet.id, p.door.id);
  const others = p.faces.some((x) => x !== f && x.person.list && x.person.knock && !x.stopped && !x.found);
  if (f && others) app.backTo("door", { view: "door", packet: turf.packet.id, door: p.door.id });
  else app.backTo("doors", { view: "doors", packet: turf.packet.id });
};

export const door = (app: App, at: Spot): Screen => {
  const turf = app.turf(at.packet);
  const i = turf ? indexOf(turf, at.door) : -1;
  const p = turf?.places[i];
  if (!turf || !p) return gone();
  const onward = nextButton(turf, i, (to) => app.instead(to));
  const head = { title: address(p.door), sub: p.notes[p.notes.length - 1] ?? (p.door.hint || [p.door.city, p.door.zip].filter(Boolean).join(" ")) };
  if (p.standing === "locked") {
    return {
      ...head,
      body: [h("p.note.bad", {}, icon("stop"), h("span", {}, h("b", {}, t("Do not knock")), h("br"), t("The people here asked not to be visited. Walk on, please.")))],
      thumb: [onward],
    };
  }
  const face = (f: Face): Kid => {
    const locked = !f.person.knock || f.stopped;
    const before = !f.found && f.person.before ? `${result(turf.packet, f.person.before.result, app.settings.lang)}, ${day(f.person.before.at)}` : "";
    const kids = [h("span.grow", {}, h("b", {}, aged(f.person)), " ", h("span.mute", {}, f.person.last), h("br"), pill(facePill(f, turf.packet, app.settings.lang)), !!before && h("span.s.mute", {}, before)), !locked && icon("chev")];
    return h("li", {}, locked ? h("div", {}, ...kids) : link(() => app.go({ view: "person", packet: turf.packet.id, door: p.door.id, person: f.person.id }), {}, ...kids));
  };
  const done = p.found !== undefined;
  const own = { packet: turf.packet.id, door: p.door.id };
  return {
    ...head,
    right: [button("button", () => app.go({ ...own, view: "about" }), [icon("more")], { "aria-label": t("More about this door") })],
    body: [
      ...part(app, turf, p, undefined),
      p.faces.length > 0 ? h("ul.rows", { "aria-label": t("People here") }, ...p.faces.map(face)) : h("p.mute", {}, t("Nobody known here")),
      h("p.row", {}, button("button.btn.bare", () => app.go({ ...own, view: "note" }), [icon("pen"), t("Add a note")]), button("button.btn.bare.push", () => app.go({ ...own, view: "met" }), [icon("plus"), t("Add a person")])),
    ],
    thumb: [
      ...picks(app, at, fits(turf.packet.results, true), done ? t("For the whole door, once more") : t("For the whole door"), (key, words) => tried(app, at, key, words)),
      done && h("div.row", {}, onward),
    ],
  };
};
