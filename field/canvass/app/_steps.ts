// The script at a door, step by step: one question per screen, kept when it is tapped.

import type { Draft } from "../../../internal/web/offline/_log";
import type { App, Screen, Spot } from "./_app";
import { button, h, icon, type Kid } from "./_dom";
import { fits, gone, indexOf, picks, tried } from "./_doors";
import { address, aged, facePill, first } from "./_say";
import { filled, inLanguage, type Script, type Step, type Value, visible } from "./_script";
import type { Face, Place, Turf } from "./_turf";
import { t } from "./_words";

interface Here {
  app: App;
  turf: Turf;
  place: Place;
  face: Face | undefined; // undefined for the household
}

const script = (x: Here): Script | undefined => x.turf.packet.script ?? undefined;

// language is the one the script is read in: chosen for this person, else for this door, else the app's where the script has it.
const language = (x: Here): string => {
  const all = script(x)?.languages ?? [];
  const chosen = x.app.script[key(x)] ?? x.app.script[x.place.door.id];
  return chosen ?? (all.includes(x.app.settings.lang) ? x.app.settings.lang : (all[0] ?? "en"));
};

const key = (x: Here): string => `${x.place.door.id} ${x.face?.person.id ?? ""}`;

const words = (x: Here, text: Record<string, string> | undefined): { lang: string; text: string } => {
  const s = inLanguage(text, language(x), script(x)?.languages ?? []);
  const p = x.face?.person;
  return { ...s, text: filled(s.text, { first: p?.first ?? "", last: p?.last ?? "", canvasser: x.turf.packet.canvasser }) };
};

// tongues switches the language of the script, apart from the app's.
const tongues = (x: Here): Kid => {
  const all = script(x)?.languages ?? [];
  if (all.length < 2) return undefined;
  const names: Record<string, string> = { en: "English", es: "Español" };
  const one = (l: string): HTMLElement => {
    const pick = (): void => {
      x.app.script[key(x)] = x.app.script[x.place.door.id] = l;
      void x.app.remember();
      x.app.refresh();
    };
    return button("button.btn.small", pick, [names[l] ?? new Intl.DisplayNames([l], { type: "language" }).of(l) ?? l], { lang: l, "aria-pressed": String(language(x) === l), "data-k": `say-${l}` });
  };
  return h("span.seg.push", { role: "group", "aria-label": t("Language of the script") }, ...all.map(one));
};

// keep records what was tapped in the script; the first of a person also says that they were reached.
const keep = async (x: Here, kind: string, data: Record<string, unknown>): Promise<void> => {
  const who = x.face && { person: x.face.person.id };
  const to = { packet: x.turf.packet.id, door: x.place.door.id, ...who };
  const drafts: Draft[] = [{ ...to, kind, data }];
  if (x.face ? !x.face.reached : x.place.found?.result !== "reached") drafts.unshift({ ...to, kind: "attempt", data: { result: "reached" } });
  await x.app.record(drafts, "");
  x.app.visited(x.turf.packet.id, x.place.door.id);
  x.app.refresh();
};

// choose keeps an answer; a tap on the one that is chosen takes it back.
const choose = async (x: Here, s: Step, on: boolean, kind: string, data: Record<string, unknown>): Promise<void> => {
  const said = (x.face ?? x.place).said.get(s.id);
  if (on && said) await x.app.undo([said]);
  else await keep(x, kind, { step: s.id, ...data });
};

const choices = (x: Here, s: Step): Kid => {
  const target = x.face ?? x.place;
  const chosen = (target.answers[s.id] ?? []).map(String);
  const one = (value: Value, text: { lang: string; text: string }, on: boolean, tap: () => Promise<void>): HTMLElement =>
    button("button.btn", tap, [on && icon("check"), text.text], { lang: text.lang, dir: "auto", "aria-pressed": String(on), "data-k": `${s.id} ${value}` });
  const group = (kids: Kid[]): Kid => h("div.picks", { role: "group", "aria-label": words(x, s.text).text || t("Answers") }, ...kids);
  switch (s.kind) {
    case "question":
      return group(
        (s.responses ?? []).map((r) => {
          const [text, on] = [words(x, r.text), chosen.includes(String(r.id))];
          return one(r.id, text, on, () => choose(x, s, on, "answer", { question: s.question, response: r.id }));
        }),
      );
    case "codes":
      return group(
        (s.marks ?? []).map((m) => {
          const [text, on] = [words(x, m.text), target.marks.has(m.id)];
          return one(m.id, text, on, () => keep(x, "code", { code: m.id, on: !on }));
        }),
      );
    case "ask":
      return group(
        ([["yes", t("Yes")], ["maybe", t("Maybe")], ["no", t("No")]] as const).map(([v, text]) => {
          const on = chosen.includes(v);
          return one(v, { lang: x.app.settings.lang, text }, on, () => choose(x, s, on, "ask", { answer: v }));
        }),
      );
    case "note":
      return h("p", {}, button("button.btn.wide", () => x.app.go({ view: "note", packet: x.turf.packet.id, door: x.place.door.id, ...(x.face && { person: x.face.person.id }) }), [icon("pen"), t("Add a note")]));
    default:
      return undefined;
  }
};

const earlier = (x: Here, s: Step): Kid => {
  const id = s.question && x.face?.person.answers?.[String(s.question)];
  const r = id ? s.responses?.find((c) => c.id === id) : undefined;
  return r && h("p.s.mute", {}, t("Answered before: %s", words(x, r.text).text));
};

const step = (x: Here, s: Step): Kid[] => {
  const text = words(x, s.text);
  return [!!text.text && h("p.ask", { lang: text.lang, dir: "auto" }, text.text), earlier(x, s), choices(x, s)];
};

// part is the household's part of the script, for the page of a door.
export const part = (app: App, turf: Turf, place: Place, face: Face | undefined): Kid[] => {
  const x = { app, turf, place, face };
  const steps = script(x) ? visible(script(x) as Script, "household", place.answers) : [];
  if (!steps.length) return [];
  return [h("div.stack", {}, h("p.row.s.mute", {}, h("span", {}, t("Say")), tongues(x)), ...steps.flatMap((s) => step(x, s)))];
};

export const person = (app: App, at: Spot): Screen => {
  const turf = app.turf(at.packet);
  const place = turf?.places[indexOf(turf, at.door)];
  const face = place?.faces.find((f) => f.person.id === at.person);
  if (!turf || !place || !face) return gone();
  const x: Here = { app, turf, place, face };
  const steps = script(x) ? visible(script(x) as Script, "person", { ...place.answers, ...face.answers }) : [];
  const i = Math.max(0, steps.findIndex((s) => s.id === at.step));
  const s = steps[i];
  const own = { packet: turf.packet.id, door: place.door.id, person: face.person.id };
  return {
    title: aged(face.person),
    sub: address(place.door),
    right: [button("button", () => app.go({ ...own, view: "about" }), [icon("more")], { "aria-label": t("More about this person") })],
    body: [
      others(x),
      s && h("div.stack-2", {}, h("p.row.s.mute", {}, h("span", {}, t("Step %s of %s", i + 1, steps.length)), tongues(x)), ...step(x, s)),
      !s && h("p.mute", {}, t("There is no script for this turf. Record how it went.")),
      h("p.row", {}, i > 0 && button("button.btn.bare", () => app.instead({ ...own, view: "person", step: steps[i - 1]?.id ?? "" }), [icon("back"), t("Question before")]), s?.kind !== "note" && button("button.btn.bare", () => app.go({ ...own, view: "note" }), [icon("pen"), t("Add a note")])),
    ],
    thumb: [
      ...picks(app, at, fits(turf.packet.results, false), t("For %s", first(face.person)), (k, said) => tried(app, at, k, said)),
      s && button("button.btn.go.wide", () => onward(x, steps[i + 1]), [steps[i + 1] ? t("Next question") : t("Done with %s", first(face.person))]),
    ],
  };
};

// others are the people at the same door, a tap away.
const others = (x: Here): Kid => {
  const faces = x.place.faces.filter((f) => f.person.knock && !f.stopped);
  if (faces.length < 2) return undefined;
  const chip = (f: Face): Kid => {
    const on = f === x.face;
    const to = { view: "person", packet: x.turf.packet.id, door: x.place.door.id, person: f.person.id };
    return h("li", {}, button("button.btn", () => x.app.instead(to), [h("span", {}, h("b", {}, aged(f.person)), h("br"), h("span.s", {}, facePill(f, x.turf.packet, x.app.settings.lang).words))], { "aria-pressed": String(on), "data-k": `who ${f.person.id}` }));
  };
  return h("ul.who", { tabindex: 0, "aria-label": t("People here") }, ...faces.map(chip));
};

// onward shows the next step; after the last one somebody who was only talked with counts as reached.
const onward = async (x: Here, to: Step | undefined): Promise<void> => {
  const own = { packet: x.turf.packet.id, door: x.place.door.id };
  const f = x.face;
  if (!f) return;
  if (to) {
    x.app.instead({ ...own, view: "person", person: f.person.id, step: to.id });
    return;
  }
  if (!f.found) await x.app.record([{ ...own, kind: "attempt", person: f.person.id, data: { result: "reached" } }], t("Canvassed: %s", first(f.person)));
  x.app.visited(own.packet, own.door);
  x.app.backTo("door", { ...own, view: "door" });
};
