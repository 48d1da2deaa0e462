// The list builder comes alive: every change is counted, and the answer's parts take the places of the old ones. Without this script the
// form works by its buttons.
import { morph } from "../../internal/web/islands/_morph";
import { listen } from "./_keys";

const root = document.querySelector<HTMLElement>("#build")!;
const form = document.querySelector<HTMLFormElement>("#builder")!;

const dimAfter = 300; // ms that old numbers stay bright
const sayAfter = 1000; // ms until it is said that counting takes a while
const typingPause = 220;
const speakEvery = 2000;
const slowAgain = 2500; // while the fast count is being prepared

const hidden = (name: string): HTMLInputElement => form.querySelector<HTMLInputElement>(`input[type=hidden][name="${name}"]`)!;

// What was changed since the last question was asked: an answer does not overwrite it.
let dirty = new Set<Element>();
let asked = 0;
let waiting: AbortController | undefined;
let acting: Promise<void> = Promise.resolve();
let pause: ReturnType<typeof setTimeout> | undefined;

const undo: string[] = [];
const redo: string[] = [];

const dim = (on: boolean): void => {
  form.classList.toggle("waiting", on);
  form.querySelector("#counts")?.setAttribute("aria-busy", String(on));
};

// The total is spoken at most every two seconds, and only the last one.
let spoken = 0;
let speaking: ReturnType<typeof setTimeout> | undefined;
const speak = (text: string): void => {
  clearTimeout(speaking);
  speaking = setTimeout(() => {
    spoken = Date.now();
    const total = form.querySelector("#total");
    if (total && total.textContent !== text) total.textContent = text;
  }, Math.max(0, spoken + speakEvery - Date.now()));
};

interface Question {
  button?: HTMLButtonElement | undefined; // what was pressed
  act?: string; // what to do, without a button
  set?: string; // a whole criteria instead of the form's
  open?: string | undefined; // a group of the panel to go to
}

const bodyOf = (q: Question): URLSearchParams => {
  const body = new URLSearchParams();
  for (const [k, v] of new FormData(form, q.button ?? null)) if (typeof v === "string") body.append(k, v);
  if (q.act) body.set("do", q.act);
  if (q.set !== undefined) {
    body.set("criteria", q.set);
    body.set("do", "set");
  }
  return body;
};

const ask = async (q: Question = {}): Promise<void> => {
  const acts = q.set !== undefined || !!q.button || !!q.act;
  clearTimeout(pause);
  if (!acts) waiting?.abort();
  const me = ++asked;
  const stop = new AbortController();
  waiting = acts ? undefined : stop;
  const body = bodyOf(q);
  dirty = new Set();
  const dimming = setTimeout(() => dim(true), dimAfter);
  const saying = setTimeout(() => tell(form.dataset["counting"]), sayAfter);
  let old = false; // the numbers are those of an earlier question
  try {
    const res = await fetch(form.action, { method: "POST", body, headers: { "X-Part": "1", Accept: "text/html" }, signal: stop.signal });
    if (res.status === 413) {
      old = true;
      tell(form.dataset["tooBig"]);
      return;
    }
    const html = await res.text();
    const to = new DOMParser().parseFromString(html, "text/html").querySelector("#build");
    if (!to) {
      location.reload(); // signed out, or the list is gone: the page says which
      return;
    }
    if (me !== asked && !acts) return; // a newer question is on its way
    take(to, q);
  } catch (e) {
    if (!(e instanceof DOMException && e.name === "AbortError")) {
      old = true;
      tell(form.dataset["failed"]);
    }
  } finally {
    clearTimeout(dimming);
    clearTimeout(saying);
    if (me === asked) dim(old);
  }
};

// tell writes under the numbers what is going on; the next answer writes over it.
const tell = (text = ""): void => {
  const told = form.querySelector("#told");
  if (told) told.textContent = text;
};

const take = (to: Element, q: Question): void => {
  const before = hidden("criteria").value;
  const icons = to.ownerDocument.querySelector("svg.hide:has(symbol)");
  morph(root, to, { dirty });
  if (icons) addIcons(icons);
  const now = hidden("criteria").value;
  if (now !== before) {
    if (q.set === undefined) {
      undo.push(before);
      redo.length = 0;
    }
  }
  const draft = form.dataset["draft"];
  if (draft) history.replaceState(null, "", `${location.pathname}?draft=${encodeURIComponent(draft)}`);
  ready();
  const total = to.querySelector("#total")?.textContent?.trim() ?? "";
  speak(total);
  if (q.open) goTo(q.open);
  if (form.querySelector("[data-slow]")) pause = setTimeout(() => void ask(), slowAgain);
};

// Symbols that the first page did not need.
const addIcons = (more: Element): void => {
  const have = document.querySelector("body > svg.hide");
  if (!have) return;
  for (const s of [...more.querySelectorAll("symbol")]) if (!document.getElementById(s.id)) have.append(s);
};

const change = (q: Question = {}): void => {
  if (q.button || q.act || q.set !== undefined) {
    acting = acting.then(() => ask(q));
    return;
  }
  void acting.then(() => ask(q));
};

const later = (ms: number): void => {
  clearTimeout(pause);
  pause = setTimeout(() => change(), ms);
};

const step = (from: string[], to: string[]): void => {
  const text = from.pop();
  if (text === undefined) return;
  to.push(hidden("criteria").value);
  change({ set: text });
};

const goTo = (group: string): void => {
  const g = form.querySelector<HTMLDetailsElement>(`#g-${CSS.escape(group)}`);
  if (!g) return;
  g.open = true;
  g.scrollIntoView({ block: "nearest" });
  (g.querySelector<HTMLElement>("input:checked") ?? g.querySelector<HTMLElement>("input:not([type=hidden]), select, button"))?.focus({ preventScroll: false });
};

// What script makes useful shows, and what it makes needless goes.
const ready = (): void => {
  for (const el of form.querySelectorAll<HTMLElement>("[data-script]")) el.hidden = false;
  for (const el of form.querySelectorAll<HTMLElement>("[data-count]")) el.classList.add("hide");
  const b = form.querySelector<HTMLButtonElement>("[data-undo]");
  if (b) b.disabled = undo.length === 0;
  filter();
};

const texty = (el: Element): boolean => el instanceof HTMLInputElement && ["text", "search", "number"].includes(el.type);

form.addEventListener("input", (e) => {
  const el = e.target as HTMLInputElement;
  if (el.id === "find-criterion") return filter();
  if (el.id === "name" || el.id === "folder" || el.closest("#keys")) return;
  dirty.add(el);
  if (el.type === "range") {
    const to = document.getElementById(el.dataset["for"] ?? "") as HTMLInputElement | null;
    if (to) {
      const pos = Number(el.value) - Number(el.min);
      to.value = pos === Number(el.dataset["rest"]) ? "" : el.value;
      dirty.add(to);
    }
    later(60);
    return;
  }
  if (texty(el)) later(typingPause);
});

form.addEventListener("change", (e) => {
  const el = e.target as HTMLInputElement;
  if (["find-criterion", "name", "folder", "keys-on", "condition"].includes(el.id) || el.type === "range" || texty(el)) return;
  dirty.add(el);
  change();
});

form.addEventListener("submit", (e) => {
  const b = e.submitter as HTMLButtonElement | null;
  if (b?.hasAttribute("formaction")) return; // saving leaves the page
  e.preventDefault();
  if (b?.hasAttribute("data-undo")) return step(undo, redo);
  const adds = b?.closest<HTMLDetailsElement>(".adds");
  if (adds) adds.open = false;
  change({ button: b ?? undefined, open: b?.dataset["open"] });
});

form.addEventListener(
  "toggle",
  (e) => {
    const d = e.target as HTMLDetailsElement;
    const group = d.dataset["group"];
    if (!group || filtering()) return;
    const open = new Set(hidden("open").value.split(",").filter(Boolean));
    if (d.open === open.has(group)) return;
    if (d.open) open.add(group);
    else open.delete(group);
    hidden("open").value = [...open].join(",");
    if (d.open) change();
  },
  true,
);

// Finding a criterion hides what does not fit, and opens what does.
const finder = (): HTMLInputElement | null => form.querySelector<HTMLInputElement>("#find-criterion");
const filtering = (): boolean => !!finder()?.value.trim();
const plain = (s: string): string => s.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

const filter = (): void => {
  const q = plain(finder()?.value.trim() ?? "");
  let some = false;
  for (const g of form.querySelectorAll<HTMLDetailsElement>(".group")) {
    const fits = !q || plain(g.textContent ?? "").includes(q);
    g.hidden = !fits;
    some ||= fits;
    if (q && fits) g.open = true;
    for (const o of g.querySelectorAll<HTMLElement>(".opt")) {
      const title = plain(g.querySelector("summary")?.textContent ?? "");
      o.hidden = !!q && !title.includes(q) && !plain(o.textContent ?? "").includes(q) && !plain(o.parentElement?.querySelector("legend")?.textContent ?? "").includes(q);
    }
  }
  const none = document.getElementById("no-criterion");
  if (none) none.hidden = some;
};

document.addEventListener("click", (e) => {
  const el = e.target as HTMLElement;
  for (const d of form.querySelectorAll<HTMLDetailsElement>(".adds[open]")) if (!d.contains(el)) d.open = false;
  if (el.closest("[data-close]")) el.closest("dialog")?.close();
  if (el.closest("[data-map]")) void openMap();
  const phrase = el.closest<HTMLElement>("a.phrase");
  if (phrase) {
    e.preventDefault();
    change({ act: `step:${phrase.dataset["step"] ?? 0}`, open: phrase.dataset["open"] });
  }
});

const openMap = async (): Promise<void> => {
  const { mapScript, groundScript, worker, tiles, ground } = form.dataset;
  if (!mapScript || !groundScript) return;
  const [{ open }, lib] = (await Promise.all([import(mapScript), import(groundScript)])) as [typeof import("./listmap"), typeof import("../../internal/web/map/groundmap")];
  open({
    lib,
    worker: worker ?? "",
    tiles: tiles ?? "",
    ground: ground ?? "",
    body: () => bodyOf({}),
    box: (form.querySelector<HTMLElement>("#where")?.dataset["box"] ?? "").split(",").map(Number),
    area: (text) => {
      const to = form.querySelector<HTMLInputElement>("#inside");
      if (!to) return;
      to.value = text;
      dirty.add(to);
      change();
    },
    template: document.querySelector<HTMLTemplateElement>("#map-template")!,
  });
};

listen(form, { undo: () => step(undo, redo), redo: () => step(redo, undo), find: finder });
form.querySelector("#total")?.setAttribute("data-still", "");
ready();
if (form.querySelector("[data-slow]")) pause = setTimeout(() => void ask(), slowAgain);
if (form.querySelector("[data-first]")) change();
