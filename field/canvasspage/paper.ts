// Codes are scanned faster than pages load: they wait in a row, and the sheet is shown anew after each. Without this script every code loads a page.

const form = document.querySelector<HTMLFormElement>("#paper")!;
const input = form.querySelector<HTMLInputElement>("#scan")!;
const parts = ["#last", "#onsheet", "#record"];

// A high short sound is good, a low long one refused: hands stay at the paper.
let audio: AudioContext | undefined;
const play = (tone: string): void => {
  if (!tone || !form.querySelector<HTMLInputElement>("#sound")?.checked) return;
  audio ??= new AudioContext();
  const o = audio.createOscillator();
  const g = audio.createGain();
  const long = tone === "good" ? 0.08 : 0.35;
  o.frequency.value = tone === "good" ? 1046 : 196;
  g.gain.value = 0.15;
  o.connect(g).connect(audio.destination);
  o.start();
  o.stop(audio.currentTime + long);
  if (tone !== "good") navigator.vibrate?.(200);
};

const bodyOf = (extra: Record<string, string>): URLSearchParams => {
  const body = new URLSearchParams();
  for (const [k, v] of new FormData(form)) if (typeof v === "string" && k !== "scan" && k !== "do") body.append(k, v);
  for (const [k, v] of Object.entries(extra)) body.set(k, v);
  return body;
};

// A page brings only the icons it uses: those of the new parts may be missing here.
const takeIcons = (page: Document): void => {
  const here = document.querySelector("body > svg.hide");
  for (const s of page.querySelectorAll("body > svg.hide > symbol")) if (here && !document.getElementById(s.id)) here.append(s);
};

let waiting: Promise<void> = Promise.resolve();

const send = (extra: Record<string, string>): void => {
  waiting = waiting.then(async () => {
    const answer = await fetch(form.action, { method: "POST", body: bodyOf(extra) });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page.querySelector("#paper")) throw new Error("no sheet");
    takeIcons(page);
    for (const part of parts) {
      const next = page.querySelector(part);
      // The region that is read out stays; what it says changes.
      if (next) document.querySelector(part)!.innerHTML = next.innerHTML;
    }
    play(page.querySelector<HTMLElement>("#last")?.dataset["tone"] ?? "");
  }).catch(() => {
    input.value = extra["scan"] ?? "";
    const again = document.createElement("input");
    again.type = "hidden";
    again.name = "do";
    again.value = extra["do"] ?? "add";
    form.append(again);
    form.submit(); // the browser shows what is wrong; the sheet goes with it
  });
};

form.addEventListener("submit", (e) => {
  const button = e.submitter as HTMLButtonElement | null;
  const what = button?.value ?? "add";
  if (what === "record") return;
  e.preventDefault();
  if (what === "add") {
    const scan = input.value.trim();
    input.value = "";
    if (scan) send({ do: "add", scan });
  } else {
    send({ do: what });
  }
  input.focus();
});

export {};
