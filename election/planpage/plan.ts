// The planner answers while one types, in this browser alone. Without this script, or where the module cannot run, the form asks the server.

import { elements, type Sheet } from "./_sheet";

interface Answer {
  hint: string;
  wrong: string[];
  sheet: Sheet | null;
}

// In the page to take along module and worker are in the page itself.
const held = (id: string): string => document.getElementById(id)?.textContent ?? "";

const packed = async (desk: HTMLElement): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> => {
  const inside = held("plan-module");
  if (inside) return new Blob([Uint8Array.from(atob(inside), (c) => c.charCodeAt(0))]).stream();
  const got = await fetch(desk.dataset["module"] ?? "");
  if (!got.ok || !got.body) throw new Error(String(got.status));
  return got.body;
};

const worker = (desk: HTMLElement): Worker => {
  const inside = held("plan-worker");
  return new Worker(inside ? URL.createObjectURL(new Blob([inside], { type: "text/javascript" })) : (desk.dataset["worker"] ?? ""));
};

// ready starts the planner; it fails where browsers lack something, and on a broken line.
const ready = async (desk: HTMLElement): Promise<Worker> => {
  const plain = (await packed(desk)).pipeThrough(new DecompressionStream("gzip"));
  const module = await WebAssembly.compileStreaming(new Response(plain, { headers: { "Content-Type": "application/wasm" } }));
  const w = worker(desk);
  await new Promise<void>((done, fail) => {
    w.onmessage = (e: MessageEvent<string>) => (e.data ? done() : fail(new Error("the module did not start")));
    w.onerror = () => fail(new Error("the worker did not start"));
    w.postMessage(module);
  });
  return w;
};

const typed = (form: HTMLFormElement): [string, string][] => [...new FormData(form)].filter((p): p is [string, string] => typeof p[1] === "string");

const start = (desk: HTMLElement, form: HTMLFormElement, place: HTMLElement): void => {
  const alone = held("plan-module") !== "";
  const said = form.querySelector<HTMLElement>("[data-said]");
  const tooLittle = desk.querySelector<HTMLTemplateElement>("template[data-too-little]");
  let planner: Promise<Worker> | null = null;
  let busy = false;
  let waiting = false;
  let timer = 0;

  const show = (a: Answer): void => {
    const hint = document.getElementById("method-hint");
    if (hint) hint.textContent = a.hint;
    if (said) said.textContent = a.sheet ? a.sheet.finding : (a.wrong[0] ?? "");
    if (!a.sheet || !tooLittle) return;
    for (const e of form.querySelectorAll(".faults, .field.wrong .fault")) e.remove(); // of the answer before
    for (const e of form.querySelectorAll(".field.wrong")) e.classList.remove("wrong");
    for (const e of form.querySelectorAll("[aria-invalid]")) e.removeAttribute("aria-invalid");
    const stood = form.getBoundingClientRect().top;
    place.replaceChildren(...elements(a.sheet, tooLittle.content.cloneNode(true) as DocumentFragment));
    scrollBy({ top: form.getBoundingClientRect().top - stood, behavior: "instant" });
    if (!alone) history.replaceState(null, "", `${location.pathname}?${new URLSearchParams(typed(form))}`);
  };

  const load = (): Promise<Worker> => (planner ??= ready(desk));

  const ask = async (): Promise<void> => {
    if (busy) {
      waiting = true;
      return;
    }
    busy = true;
    try {
      const w = await load();
      const answer = await new Promise<string>((done, fail) => {
        w.onmessage = (e: MessageEvent<string>) => done(e.data);
        w.onerror = () => fail(new Error("the module stopped"));
        w.postMessage(JSON.stringify({ lang: desk.dataset["plan"], typed: Object.fromEntries(typed(form)) }));
      });
      if (answer && !waiting) show(JSON.parse(answer) as Answer);
      desk.dataset["answered"] = String(Number(desk.dataset["answered"] ?? "0") + 1);
    } catch {
      form.removeEventListener("input", soon); // the form is still there
      waiting = false;
      if (alone && said) said.textContent = said.dataset["failed"] ?? "";
    } finally {
      busy = false;
    }
    if (waiting) {
      waiting = false;
      void ask();
    }
  };

  const soon = (): void => {
    clearTimeout(timer);
    timer = window.setTimeout(() => void ask(), 200);
  };

  // On a phone the answer is above the form, which must not move under somebody who types; not every browser sees to that.
  document.documentElement.style.overflowAnchor = "none";
  form.addEventListener("input", soon);
  if (alone)
    form.addEventListener("submit", (e) => {
      e.preventDefault();
      void ask();
    });
  const idle = window.requestIdleCallback ?? ((f: () => void) => window.setTimeout(f, 1000));
  idle(() => void load().catch(() => form.removeEventListener("input", soon)));
};

const desk = document.querySelector<HTMLElement>("[data-plan]");
const form = desk?.querySelector("form");
const place = desk?.querySelector<HTMLElement>("[data-answer]");
if (desk && form && place) start(desk, form, place);
