// What doors, people, results and records are called.

import type { Entry } from "../../../internal/web/offline/_log";
import type { Face, Place } from "./_turf";
import type { Door, Packet, Person } from "./_wire";
import { inLanguage } from "./_script";
import { n, t } from "./_words";

export const unit = (u: string): string => (u && /^[0-9]+[A-Za-z]?$|^[A-Za-z]$/.test(u) ? t("apt %s", u) : u);

export const address = (d: Door): string => [`${d.house} ${d.street}`.trim() || t("Door without an address"), unit(d.unit)].filter(Boolean).join(", ");

// short is how a door is called on the way: house number and unit.
export const short = (d: Door): string => [d.house || d.street || t("door"), unit(d.unit)].filter(Boolean).join(" ");

export const name = (p: Person): string => [p.first, p.last].filter(Boolean).join(" ") || t("Somebody");

export const first = (p: Person): string => p.first || name(p);

export const aged = (p: Person): string => (p.age ? `${first(p)}, ${p.age}` : first(p));

// household is the people at a door in a line: "Aguilar · 3 people".
export const household = (p: Place): string => {
  const people = p.faces.filter((f) => f.person.knock);
  if (!people.length) return t("Nobody known here");
  const listed = people.some((f) => f.person.list) ? people.filter((f) => f.person.list) : people;
  const names = [...new Set(listed.map((f) => f.person.last || first(f.person)))];
  return `${names.slice(0, 2).join(", ")}${names.length > 2 ? " …" : ""} · ${n(people.length, "%s person", "%s people")}`;
};

// result is what a result is called: by the organisation, or by us where the packet does not offer it.
export const result = (p: Packet, key: string, lang: string): string => {
  const r = p.results.find((x) => x.key === key);
  if (r) return inLanguage(r.text, lang, ["en"]).text;
  const ours: Record<string, string> = { reached: t("Canvassed"), not_home: t("Not home"), refused: t("Refused to talk"), do_not_knock: t("Do not knock"), moved: t("Moved away"), deceased: t("Deceased") };
  return ours[key] ?? key.replaceAll("_", " ");
};

export interface Pill {
  kind: "ok" | "warn" | "bad" | "none" | "on" | "";
  words: string;
}

export const doorPill = (p: Place, packet: Packet, lang: string): Pill => {
  switch (p.standing) {
    case "todo":
      return { kind: "none", words: t("To do") };
    case "locked":
      return { kind: "bad", words: t("Do not knock") };
    case "canvassed":
      return { kind: "ok", words: t("Canvassed") };
    case "again":
      return { kind: "warn", words: p.found?.result === "not_home" ? t("Not home, try again") : result(packet, p.found?.result ?? "", lang) };
    case "tried":
      return { kind: "", words: result(packet, p.found?.result ?? "", lang) };
  }
};

export const facePill = (f: Face, packet: Packet, lang: string): Pill => {
  if (!f.person.knock || f.stopped) return { kind: "bad", words: t("Do not visit") };
  if (f.reached) return { kind: "ok", words: t("Canvassed") };
  if (f.found) return { kind: f.found.result === "not_home" ? "warn" : "", words: result(packet, f.found.result, lang) };
  if (typeof f.person.id === "string") return { kind: "on", words: t("Met here") };
  return f.person.list ? { kind: "none", words: t("To do") } : { kind: "", words: t("Not on this list") };
};

// record is one thing recorded, in a line: where, who, what.
export const record = (e: Entry, packet: Packet | undefined, places: Place[], lang: string): string => {
  const p = places.find((x) => x.door.id === e.event.door);
  const f = p?.faces.find((x) => x.person.id === e.event.person);
  const where = [p ? short(p.door) : "", f ? first(f.person) : ""].filter(Boolean).join(", ");
  const said = what(e, packet, lang);
  return where ? `${where}: ${said}` : said;
};

const what = (e: Entry, packet: Packet | undefined, lang: string): string => {
  const d = e.event.data;
  const steps = [...(packet?.script?.household ?? []), ...(packet?.script?.person ?? [])];
  const words = (choices: { id: number; text: Record<string, string> }[] | undefined, id: unknown): string => inLanguage(choices?.find((c) => c.id === id)?.text, lang, packet?.script?.languages ?? []).text;
  switch (e.event.kind) {
    case "attempt":
      return packet ? result(packet, String(d["result"]), lang) : t("a result");
    case "answer":
      return words(steps.find((s) => s.id === d["step"])?.responses, d["response"]) || t("an answer");
    case "code":
      return words(steps.flatMap((s) => s.marks ?? []), d["code"]) || t("a code");
    case "ask":
      return d["answer"] === "yes" ? t("Yes") : d["answer"] === "no" ? t("No") : t("Maybe");
    case "note":
      return t("Note: %s", String(d["text"]));
    case "stop":
      return t("Asked not to be contacted");
    case "fix":
      return t("Something to correct");
    case "met":
      return t("Met: %s", [d["first"], d["last"]].filter(Boolean).join(" "));
    case "place":
      return t("New door: %s", [d["house"], d["street"], d["unit"]].filter(Boolean).join(" "));
    case "undo":
      return t("Taken back");
    default:
      return e.event.kind;
  }
};
