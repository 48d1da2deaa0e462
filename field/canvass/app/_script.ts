// What is said at a door: which steps are shown, given what was answered. The same rule as field/script's Visible.

import type { Texts } from "./_wire";

export type Value = number | string;
export type Part = "household" | "person";
export type Answers = Record<string, Value[]>;

export interface Step {
  id: string;
  kind: "say" | "question" | "codes" | "ask" | "note";
  text?: Texts;
  question?: number;
  codes?: number[];
  event?: number;
  when?: { step: string; is: Value[] }[];
  responses?: { id: number; text: Texts }[];
  marks?: { id: number; text: Texts }[];
}

export interface Script {
  languages: string[];
  household: Step[];
  person: Step[];
}

// visible returns the steps of a part in order. A condition holds when an earlier step that is itself shown was answered so.
export const visible = (script: Script, part: Part, answers: Answers): Step[] => {
  const shown = new Map<string, Value[]>();
  const found: Step[] = [];
  for (const [in_, steps] of [["household", script.household], ["person", script.person]] as const) {
    for (const s of steps ?? []) {
      if (!(s.when ?? []).every((w) => shown.get(w.step)?.some((a) => w.is.map(String).includes(String(a))))) continue;
      shown.set(s.id, s.kind === "say" || s.kind === "note" ? [] : (answers[s.id] ?? []));
      if (in_ === part) found.push(s);
    }
  }
  return found;
};

// inLanguage returns a text in a language, or in the first of the script's languages that has it.
export const inLanguage = (text: Texts | undefined, lang: string, languages: string[]): { lang: string; text: string } => {
  for (const l of [lang, ...languages, ...Object.keys(text ?? {})]) {
    const s = text?.[l];
    if (s) return { lang: l, text: s };
  }
  return { lang, text: "" };
};

// filled puts names into a text.
export const filled = (text: string, names: { first: string; last: string; canvasser: string }): string =>
  text.replace(/\{(first|last|canvasser)\}/g, (_, k: keyof typeof names) => names[k]);
