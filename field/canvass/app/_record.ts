// What else can be recorded at a door: other results, notes, people and doors that are missing, what is wrong, who is not to be contacted.

import { newID } from "../../../internal/web/offline/_bytes";
import type { Draft } from "../../../internal/web/offline/_log";
import type { App, Screen, Spot } from "./_app";
import { button, field, h, icon, type Kid } from "./_dom";
import { fits, gone, indexOf, tried } from "./_doors";
import { address, name, short } from "./_say";
import { inLanguage } from "./_script";
import { form } from "./_start";
import type { Face, Place, Turf } from "./_turf";
import { t } from "./_words";

interface Here {
  turf: Turf;
  place: Place;
  face: Face | undefined;
  title: string; // who or what it is about
  own: Pick<Draft, "packet" | "door" | "person">;
}

const here = (app: App, at: Spot): Here | undefined => {
  const turf = app.turf(at.packet);
  const place = turf?.places[indexOf(turf, at.door)];
  if (!turf || !place) return undefined;
  const face = place.faces.find((f) => f.person.id === at.person);
  return { turf, place, face, title: face ? name(face.person) : address(place.door), own: { packet: turf.packet.id, door: place.door.id, ...(face && { person: face.person.id }) } };
};

const rows = (all: [icon: string, words: string, tap: () => unknown][]): Kid => h("ul.rows", {}, ...all.map(([i, words, tap]) => h("li", {}, button("button", tap, [icon(i), h("span.grow", {}, words)]))));

export const results = (app: App, at: Spot): Screen => {
  const x = here(app, at);
  if (!x) return gone();
  const all = fits(x.turf.packet.results, !x.face).map((r): [string, string, () => unknown] => {
    const words = inLanguage(r.text, app.settings.lang, ["en"]).text;
    return ["flag", words, () => tried(app, at, r.key, words)];
  });
  const stop = (channel: string, words: string): [string, string, () => unknown] => ["stop", words, () => recorded(app, x, [{ ...x.own, kind: "stop", data: { channel } }], words)];
  return {
    title: t("Other result"),
    sub: x.title,
    body: [
      rows(all),
      h("h2", {}, t("Asked not to be contacted any more")),
      rows([stop("door", t("Not at the door")), ...(x.face ? [stop("phone", t("Not by phone")), stop("text", t("Not by text message")), stop("mail", t("Not by mail")), stop("email", t("Not by email"))] : [])]),
    ],
  };
};

// recorded keeps drafts, says so, and goes back to where the person or the door is shown.
const recorded = async (app: App, x: Here, drafts: Draft[], words: string): Promise<void> => {
  await app.record(drafts, t("%s: %s", x.face ? name(x.face.person) : short(x.place.door), words));
  app.backTo("door", { view: "door", packet: x.turf.packet.id, door: x.place.door.id });
};

export const note = (app: App, at: Spot): Screen => {
  const x = here(app, at);
  if (!x) return gone();
  const text = field(t("Note"), { lines: 5, max: 1000, hint: t("What the next person at this door should know. Nothing about health, faith or papers. You can say it instead: the microphone is on your keyboard.") });
  const f = form([text.box], t("Save the note"), async () => {
    if (!text.value()) {
      text.fault(t("The note is empty."));
      return undefined;
    }
    await app.record([{ ...x.own, kind: "note", data: { text: text.value() } }], t("The note is kept"));
    app.back();
    return undefined;
  });
  return { title: t("Note"), sub: x.title, body: [f.body], thumb: f.thumb };
};

export const met = (app: App, at: Spot): Screen => {
  const x = here(app, at);
  if (!x) return gone();
  const [one, last] = [field(t("First name"), { max: 100 }), field(t("Last name"), { max: 100 })];
  const [phone, email] = [field(t("Phone, if they give it"), { type: "tel", max: 40 }), field(t("Email, if they give it"), { type: "email", mode: "email", max: 200 })];
  const [year, wants] = [field(t("Year of birth, if they say it"), { mode: "numeric", max: 4 }), field(t("What they want"), { hint: t("A yard sign, to help, a ride to vote"), lines: 2, max: 500 })];
  const f = form([one.box, last.box, phone.box, email.box, year.box, wants.box], t("Add the person"), async () => {
    if (!one.value() && !last.value()) {
      one.fault(t("Type a name, as the person said it."));
      return undefined;
    }
    const born = Number(year.value());
    if (year.value() && !(born > 1900 && born <= new Date().getFullYear())) {
      year.fault(t("Type the year with four digits, or leave it empty."));
      return undefined;
    }
    const person = `n-${newID()}`;
    const data = { first: one.value(), last: last.value(), phone: phone.value(), email: email.value(), ...(born && { year: born }), wants: wants.value() };
    await app.record([{ packet: x.turf.packet.id, door: x.place.door.id, person, kind: "met", data }], t("Added: %s", [one.value(), last.value()].filter(Boolean).join(" ")));
    app.instead({ view: "person", packet: x.turf.packet.id, door: x.place.door.id, person });
    return undefined;
  });
  return { title: t("Add a person"), sub: address(x.place.door), body: [h("p.hint", {}, t("Somebody who lives here and is not in the list. The office finds out later who it is.")), f.body], thumb: f.thumb };
};

export const newdoor = (app: App, at: Spot): Screen => {
  const turf = app.turf(at.packet);
  if (!turf) return gone();
  const near = turf.places[indexOf(turf, at.door)]?.door;
  const [house, unit] = [field(t("House number"), { max: 20 }), field(t("Apartment or unit"), { max: 20 })];
  const [street, city, zip] = [field(t("Street"), { value: near?.street ?? "", max: 100 }), field(t("City"), { value: near?.city ?? "", max: 100 }), field(t("ZIP code"), { value: near?.zip ?? "", mode: "numeric", max: 10 })];
  const f = form([house.box, unit.box, street.box, city.box, zip.box], t("Add the door"), async () => {
    for (const x of [house, street]) {
      x.fault(x.value() ? "" : t("A door needs a house number and a street."));
      if (!x.value()) return undefined;
    }
    const id = `n-${newID()}`;
    const data = { house: house.value(), street: street.value(), unit: unit.value(), city: city.value(), zip: zip.value(), ...(near?.at && { at: near.at }) };
    await app.record([{ packet: turf.packet.id, door: id, kind: "place", data }], t("Added: %s", `${house.value()} ${street.value()}`));
    app.instead({ view: "door", packet: turf.packet.id, door: id });
    return undefined;
  });
  return { title: t("Add a door"), sub: turf.packet.turf.name, body: [h("p.hint", {}, t("A home or a unit that is not in the list.")), f.body], thumb: f.thumb };
};

// about is what else can be done with a person or a door.
export const about = (app: App, at: Spot): Screen => {
  const x = here(app, at);
  if (!x) return gone();
  const to = (view: string) => () => app.instead({ ...at, view });
  return {
    title: x.title,
    sub: x.face ? address(x.place.door) : "",
    body: [
      rows([
        ["pen", t("Add a note"), to("note")],
        ["warn", t("Something here is wrong"), to("fix")],
        ["stop", t("Other result, or not to be contacted"), to("results")],
        ["plus", t("Add a person at this door"), to("met")],
        ["home", t("Add a unit or a door beside it"), to("newdoor")],
      ]),
      x.place.notes.length > 0 && h("div.stack-2", {}, h("h2", {}, t("Notes from this phone")), ...x.place.notes.map((s) => h("p", {}, s))),
    ],
  };
};

// fix lists what can be wrong; what needs no words is recorded with one tap.
export const fix = (app: App, at: Spot): Screen => {
  const x = here(app, at);
  if (!x) return gone();
  const send = (what: string, words: string, aboutIt = "", should = ""): Promise<void> => recorded(app, x, [{ ...x.own, kind: "fix", data: { what, about: aboutIt, should } }], words);
  const tap = (icon: string, what: string, words: string): [string, string, () => unknown] => [icon, words, () => send(what, words)];
  const ask = (icon: string, what: string, words: string): [string, string, () => unknown] => [icon, words, () => app.instead({ ...at, view: "fixwords", step: what })];
  const ofPerson: [string, string, () => unknown][] = [
    tap("walk", "moved", t("Does not live here any more")),
    tap("user", "deceased", t("Has died")),
    ask("pen", "name", t("The name is wrong")),
    tap("phone", "phone_wrong", t("The phone number is wrong")),
    ask("phone", "phone_kind", t("It is another kind of phone")),
    tap("mail", "email_wrong", t("The email address is wrong")),
  ];
  return { title: t("Something here is wrong"), sub: x.title, body: [rows([...(x.face ? ofPerson : []), ask("home", "address", t("The address is wrong")), ask("text", "other", t("Something else"))]), h("p.hint", {}, t("The office looks at each and corrects the record. Nothing changes by itself."))] };
};

export const fixwords = (app: App, at: Spot): Screen => {
  const x = here(app, at);
  if (!x) return gone();
  const titles: Record<string, string> = { name: t("The name is wrong"), address: t("The address is wrong"), phone_kind: t("It is another kind of phone"), other: t("Something else") };
  const [wrong, should] = [field(t("What is wrong"), { max: 300 }), field(t("How it should be"), { max: 300 })];
  const f = form([wrong.box, should.box], t("Send the correction"), async () => {
    if (!wrong.value() && !should.value()) {
      should.fault(t("Write how it should be, in a few words."));
      return undefined;
    }
    const what = at.step ?? "other";
    await recorded(app, x, [{ ...x.own, kind: "fix", data: { what, about: wrong.value(), should: should.value() } }], titles[what] ?? "");
    return undefined;
  });
  return { title: titles[at.step ?? ""] ?? t("Something else"), sub: x.title, body: [f.body], thumb: f.thumb };
};
