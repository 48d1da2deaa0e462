// A turf as it stands: the packet, and what was recorded since on this phone.

import type { Entry } from "../../../internal/web/offline/_log";
import type { Answers, Value } from "./_script";
import type { Door, Packet, Person } from "./_wire";

export interface Found {
  entry: Entry;
  result: string;
}

// Face is a person at a door and what this phone recorded about them.
export interface Face {
  person: Person;
  found: Found | undefined; // the newest result
  reached: boolean;
  answers: Answers; // by step
  said: Map<string, Entry>; // the newest answer of each step
  marks: Set<number>;
  stopped: boolean; // not to be visited any more
}

export type Standing = "todo" | "locked" | "canvassed" | "again" | "tried";

export interface Place {
  door: Door;
  faces: Face[];
  standing: Standing;
  found: Found | undefined;
  answers: Answers; // of the household
  said: Map<string, Entry>;
  marks: Set<number>;
  notes: string[];
}

export interface Turf {
  packet: Packet;
  places: Place[];
  left: number;
  minutes: number; // about, for what is left
}

const locking = new Set(["do_not_knock", "hostile"]);
const again = new Set(["not_home", "call_back"]);

// standing returns the events that stand: not taken back, and no taking back.
export const standing = (entries: Entry[]): Entry[] => {
  const undone = new Set(entries.filter((e) => e.event.kind === "undo").map((e) => e.event.data["of"]));
  return entries.filter((e) => e.event.kind !== "undo" && !undone.has(e.event.id));
};

const text = (data: Record<string, unknown>, key: string): string => (typeof data[key] === "string" ? data[key] : "");

const blank = (door: Door): Place => ({
  door,
  faces: door.people.map(face),
  standing: "todo",
  found: undefined,
  answers: {},
  said: new Map(),
  marks: new Set(),
  notes: [],
});

const face = (person: Person): Face => ({ person, found: undefined, reached: false, answers: {}, said: new Map(), marks: new Set(person.codes ?? []), stopped: false });

// turfOf plays the log over the packet.
export const turfOf = (packet: Packet, entries: Entry[]): Turf => {
  const mine = standing(entries.filter((e) => e.event.packet === packet.id));
  const places = packet.doors.map(blank);
  for (const e of mine) {
    if (e.event.kind === "place") add(places, e);
    if (e.event.kind === "met") meet(places, e);
  }
  const by = new Map(places.map((p) => [p.door.id, p]));
  for (const e of mine) {
    const p = by.get(e.event.door);
    if (p) happen(p, e, packet);
  }
  for (const p of places) p.standing = stands(p);
  const left = places.filter((p) => p.standing === "todo").length;
  return { packet, places, left, minutes: places.length ? Math.round((packet.minutes * left) / places.length) : 0 };
};

// add puts a door that the file does not have behind the last one of its street and side, or at the end.
const add = (places: Place[], e: Entry): void => {
  const d = e.event.data;
  const [house, street] = [text(d, "house"), text(d, "street")];
  const at = Array.isArray(d["at"]) ? (d["at"] as [number, number]) : null;
  const side = /[13579]$/.test(house) ? "odd" : /[02468]$/.test(house) ? "even" : "";
  const door: Door = { id: e.event.door, house, street, unit: text(d, "unit"), city: text(d, "city"), zip: text(d, "zip"), at, side, hint: "", people: [] };
  const same = (p: Place): boolean => p.door.street.toLowerCase() === street.toLowerCase();
  let [building, beside] = [-1, -1];
  places.forEach((p, i) => {
    if (same(p) && p.door.house === house) building = i;
    if (same(p) && p.door.side === side) beside = i;
  });
  const behind = building < 0 ? beside : building;
  places.splice(behind < 0 ? places.length : behind + 1, 0, blank(door));
};

const meet = (places: Place[], e: Entry): void => {
  const d = e.event.data;
  const p = places.find((x) => x.door.id === e.event.door);
  p?.faces.push(face({ id: e.event.person ?? "", first: text(d, "first"), last: text(d, "last"), list: false, knock: true }));
};

const happen = (p: Place, e: Entry, packet: Packet): void => {
  const { kind, person, data } = e.event;
  const who = p.faces.filter((f) => (person === undefined ? f.person.list && f.person.knock : f.person.id === person));
  switch (kind) {
    case "attempt": {
      const found = { entry: e, result: text(data, "result") };
      for (const f of who) [f.found, f.reached] = [found, f.reached || found.result === "reached"];
      p.found = found;
      if (locking.has(found.result)) for (const f of who) f.stopped = true;
      break;
    }
    case "stop":
      if (data["channel"] === "door") {
        for (const f of who) f.stopped = true;
        p.found ??= { entry: e, result: "do_not_knock" };
      }
      break;
    case "note":
      p.notes.push(text(data, "text"));
      break;
    case "answer":
    case "ask":
    case "code":
      for (const t of person === undefined ? [p, ...who] : who) answer(t, e, packet);
  }
};

const answer = (t: Face | Place, e: Entry, packet: Packet): void => {
  const { kind, data } = e.event;
  if (kind === "code") {
    const code = Number(data["code"]);
    if (data["on"] === true) t.marks.add(code);
    else t.marks.delete(code);
    for (const s of [...(packet.script?.household ?? []), ...(packet.script?.person ?? [])]) {
      if (s.kind !== "codes" || !s.codes?.includes(code)) continue;
      t.answers[s.id] = s.codes.filter((c) => t.marks.has(c));
      t.said.set(s.id, e);
    }
    return;
  }
  const step = text(data, "step");
  const value = (kind === "answer" ? data["response"] : data["answer"]) as Value;
  t.answers[step] = [value];
  t.said.set(step, e);
};

const stands = (p: Place): Standing => {
  const asked = p.faces.filter((f) => f.person.list);
  if (asked.length && asked.every((f) => f.stopped || !f.person.knock)) return "locked";
  if (p.found && locking.has(p.found.result) && !asked.length) return "locked";
  if (p.faces.some((f) => f.reached) || p.found?.result === "reached") return "canvassed";
  if (!p.found) return "todo";
  return again.has(p.found.result) ? "again" : "tried";
};

// next returns the door to go to after the one at index from: the next that is left in walking order, then those to try again; undefined when all is done.
export const next = (t: Turf, from: number): Place | undefined => {
  const order = [...t.places.slice(from + 1), ...t.places.slice(0, Math.max(0, from + 1))];
  const here = t.places[from];
  return order.find((p) => p.standing === "todo" && p !== here) ?? order.find((p) => p.standing === "again" && p !== here);
};

export interface Run {
  street: string;
  side: string;
  places: Place[];
}

// runs are the doors in walking order, broken where the walk turns into another street or crosses it.
export const runs = (t: Turf): Run[] => {
  const all: Run[] = [];
  for (const p of t.places) {
    const last = all[all.length - 1];
    if (last && last.street === p.door.street && last.side === p.door.side) last.places.push(p);
    else all.push({ street: p.door.street, side: p.door.side, places: [p] });
  }
  return all;
};
