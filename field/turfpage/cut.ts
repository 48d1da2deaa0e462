// The cutting page comes alive: the picture becomes a map one can draw on, the slider cuts while it moves, and every form of the panel is answered in
// place. Without this script the page works by its forms.
import type { Map as Sheet, MapMouseEvent, MapTouchEvent } from "maplibre-gl";
import { morph } from "../../internal/web/islands/_morph";
import { listen } from "./_keys";
import { bring, inside, open, room, show, showDoors, showDrawn, showFound, showLayer, showWalk } from "./_sheet";
import type { Base, Lib, Plan, XY } from "./_sheet";

const root = document.querySelector<HTMLElement>("#cut")!;
const panel = root.querySelector<HTMLElement>("#panel")!;
const bar = root.querySelector<HTMLElement>("#bar")!;
const part = <T extends HTMLElement>(name: string): T => root.querySelector<T>(name)!;

const liveMost = 5000; // doors up to which a moving slider cuts

let map: Sheet | undefined;
let plan: Plan;
let doors: [XY, number][] = [];
let chosen = Number(new URLSearchParams(location.search).get("chosen")) || 0;
let walking = true;

type Tool = "hand" | "draw" | "line" | "block" | "join" | "start";
let tool: Tool = "hand";
let how: "lasso" | "polygon" | "rectangle" = "lasso";
let corners: XY[] = [];
let pressed = false;

const at = (p: XY): string => `${p[0].toFixed(6)},${p[1].toFixed(6)}`;
const path = (line: XY[]): string => line.map(at).join(" ");

// ---- asking

let asked = 0;

// ask sends one change. Answers that are older than a later question are dropped.
const ask = async (url: string, body: URLSearchParams, keep: Element[] = []): Promise<boolean> => {
  const me = ++asked;
  body.set("chosen", String(chosen || ""));
  root.setAttribute("aria-busy", "true");
  try {
    const res = await fetch(url, { method: "POST", body, headers: { "X-Part": "1", Accept: "application/json" } });
    if (!(res.headers.get("Content-Type") ?? "").includes("json")) {
      if (url !== root.dataset["try"]) location.reload(); // signed out, or the map is gone: the page says which
      return false;
    }
    const answer = (await res.json()) as Plan;
    if (me !== asked && answer.tried) return false;
    take(answer, keep);
    return res.ok;
  } catch {
    say(root.dataset["failed"] ?? "");
    return false;
  } finally {
    if (me === asked) root.removeAttribute("aria-busy");
  }
};

const edit = (fields: Record<string, string | string[]>): Promise<boolean> => {
  const body = new URLSearchParams({ edition: String(plan.edition) });
  for (const [k, v] of Object.entries(fields)) for (const x of Array.isArray(v) ? v : [v]) body.append(k, x);
  return ask(root.dataset["edit"]!, body);
};

const wish = (): URLSearchParams => {
  const body = new URLSearchParams();
  const form = panel.querySelector<HTMLFormElement>("#wish");
  if (form) for (const [k, v] of new FormData(form)) if (typeof v === "string") body.append(k, v);
  return body;
};

const take = (answer: Plan, keep: Element[]): void => {
  plan = answer;
  if (answer.doors) doors = answer.doors;
  if (!plan.turfs.some((t) => t.id === chosen)) chosen = 0;
  const box = document.createElement("div");
  box.innerHTML = answer.panel;
  morph(panel, box, { dirty: new Set(keep) });
  wake();
  draw();
  root.dataset["edition"] = String(plan.edition);
};

const refresh = async (): Promise<void> => {
  const me = ++asked;
  const res = await fetch(`${root.dataset["plan"]!}?chosen=${chosen}`, { headers: { Accept: "application/json" } });
  if (res.ok && me === asked) take((await res.json()) as Plan, []);
};

// ---- showing

const draw = (): void => {
  if (!map) return;
  show(map, plan, chosen);
  void walk();
  tell();
};

const walk = async (): Promise<void> => {
  if (!map) return;
  const id = chosen;
  if (!walking || !id || plan.tried) {
    showWalk(map, []);
    return;
  }
  const res = await fetch(`${root.dataset["walk"]!}/${id}`);
  if (res.ok && id === chosen && map) showWalk(map, ((await res.json()) as { line: XY[] }).line);
};

const choose = (id: number): void => {
  chosen = id === chosen ? 0 : id;
  const to = new URL(location.href);
  if (chosen) to.searchParams.set("chosen", String(chosen));
  else to.searchParams.delete("chosen");
  history.replaceState(null, "", to);
  draw();
  void refresh().then(() => panel.querySelector(`#turf-${chosen}`)?.scrollIntoView({ block: "nearest" }));
};

const fill = (name: string): DocumentFragment => part<HTMLTemplateElement>(name).content.cloneNode(true) as DocumentFragment;

const say = (text: string): void => {
  const frame = fill("#bar-say");
  frame.querySelector("[data-say]")!.textContent = text;
  bar.replaceChildren(frame);
};

const sentence = (name: string): string => part<HTMLTemplateElement>("#says").content.querySelector(`[data-say-${name}]`)?.textContent ?? "";

// tell fills the bar over the map: the chosen turf, or what the tool in hand does.
const tell = (): void => {
  for (const b of root.querySelectorAll<HTMLElement>("[data-act]")) b.removeAttribute("aria-pressed");
  root.querySelector(`.tools [data-act="${tool}"]`)?.setAttribute("aria-pressed", "true");
  if (plan.wrong) {
    say(plan.wrong);
    return;
  }
  const t = plan.turfs.find((x) => x.id === chosen);
  if (tool === "draw" || tool === "line") {
    bar.replaceChildren(fill(`#bar-${tool}`));
    bar.querySelector(`[data-act="${how}"]`)?.setAttribute("aria-pressed", "true");
    figures();
  } else if (tool !== "hand") {
    say(sentence(t || tool === "join" ? tool : "choose"));
  } else if (t) {
    const frame = fill("#bar-turf");
    frame.querySelector("[data-name]")!.textContent = t.name;
    frame.querySelector("[data-figures]")!.textContent = `${t.doors} ${root.dataset["doors"]} · ${t.metres} m · ${t.time}`;
    const start = frame.querySelector<HTMLElement>('[data-act="start"]');
    if (start) start.hidden = t.held;
    frame.querySelector('[data-act="walk"]')!.setAttribute("aria-pressed", String(walking));
    bar.replaceChildren(frame);
  } else bar.replaceChildren();
};

// figures counts what is inside the shape being drawn.
const figures = (): void => {
  const out = bar.querySelector("[data-figures]");
  const ready = tool === "draw" && corners.length > 2;
  let n = 0;
  let people = 0;
  if (ready)
    for (const [p, who] of doors)
      if (inside(p, corners)) {
        n++;
        people += who;
      }
  if (out) out.textContent = ready ? `${n} ${root.dataset["doors"]} · ${people} ${root.dataset["people"]}` : "";
  for (const name of ["new", "drop", "move"]) {
    const b = bar.querySelector<HTMLButtonElement>(`[data-act="${name}"]`);
    if (b) b.disabled = n === 0 || (name === "move" && !chosen);
  }
  const line = bar.querySelector<HTMLButtonElement>('[data-act="barrier"]');
  if (line) line.disabled = corners.length < 2;
  const corner = bar.querySelector<HTMLElement>('[data-act="corner"]');
  if (corner) corner.hidden = tool === "draw" && how !== "polygon";
};

// ---- tools

const hold = (to: Tool): void => {
  tool = to;
  corners = [];
  pressed = false;
  if (plan.wrong) delete plan.wrong;
  const drag = tool === "draw" && how !== "polygon";
  if (map) {
    if (drag) map.dragPan.disable();
    else map.dragPan.enable();
    map.getCanvas().style.cursor = tool === "hand" ? "" : "crosshair";
    showDrawn(map, [], true, false);
  }
  tell();
};

const shown = (): void => {
  if (map) showDrawn(map, corners, tool === "draw", tool === "line" || how === "polygon");
  figures();
};

const corner = (p: XY): void => {
  corners.push(p);
  shown();
};

const ring = (): string => path(corners);

const withChosen = (fields: Record<string, string | string[]>): void => {
  if (!chosen) {
    say(sentence("choose"));
    return;
  }
  void edit(fields);
};

const acts: Record<string, () => void> = {
  hand: () => hold("hand"),
  cancel: () => hold("hand"),
  draw: () => hold("draw"),
  line: () => hold("line"),
  block: () => hold("block"),
  join: () => hold("join"),
  start: () => hold("start"),
  lasso: () => ((how = "lasso"), hold("draw")),
  polygon: () => ((how = "polygon"), hold("draw")),
  rectangle: () => ((how = "rectangle"), hold("draw")),
  corner: () => {
    const c = map?.getCenter();
    if (c) corner([c.lng, c.lat]);
  },
  new: () => void edit({ do: "new", ring: ring() }).then(() => hold("hand")),
  move: () => void edit({ do: "move", ring: ring(), to: String(chosen) }).then(() => hold("hand")),
  drop: () => void edit({ do: "drop", ring: ring() }).then(() => hold("hand")),
  barrier: () => barriers([...plan.lines, corners]),
  nolines: () => barriers([]),
  bisect: () => withChosen({ do: "bisect", turf: String(chosen) }),
  lock: () => withChosen({ do: plan.turfs.find((t) => t.id === chosen)?.locked ? "unlock" : "lock", turf: String(chosen) }),
  undo: () => void edit({ do: "undo" }),
  redo: () => void edit({ do: "redo" }),
  walk: () => {
    walking = !walking;
    draw();
  },
  in: () => void map?.zoomIn(),
  out: () => void map?.zoomOut(),
  all: () => void map?.fitBounds(plan.box, { padding: room() }),
};

const barriers = (lines: XY[][]): void => {
  const body = wish();
  body.set("lines", lines.map(path).join(";"));
  body.set("do", "cut");
  body.set("edition", String(plan.edition));
  void ask(root.dataset["edit"]!, body).then(() => hold("hand"));
};

const turfAt = (e: MapMouseEvent): number => Number(map?.queryRenderedFeatures(e.point, { layers: ["turfs"] })[0]?.properties["id"] ?? 0);

const clicked = (e: MapMouseEvent): void => {
  const p: XY = [e.lngLat.lng, e.lngLat.lat];
  switch (tool) {
    case "hand": {
      const id = turfAt(e);
      if (id || chosen) choose(id || chosen);
      return;
    }
    case "draw":
      if (how === "polygon") corner(p);
      return;
    case "line":
      corner(p);
      return;
    case "block":
      if (chosen) void edit({ do: "block", at: at(p), to: String(chosen) });
      return;
    case "start":
      if (chosen) void edit({ do: "start", turf: String(chosen), at: at(p) }).then(() => hold("hand"));
      return;
    case "join": {
      const id = turfAt(e);
      if (!id || id === chosen) return;
      if (!chosen) choose(id);
      else void edit({ do: "join", turf: [String(chosen), String(id)] }).then(() => hold("hand"));
    }
  }
};

const press = (e: MapMouseEvent | MapTouchEvent): void => {
  if (tool !== "draw" || how === "polygon") return;
  e.preventDefault();
  pressed = true;
  corners = [[e.lngLat.lng, e.lngLat.lat]];
};

const drag = (e: MapMouseEvent | MapTouchEvent): void => {
  if (!pressed) return;
  const p: XY = [e.lngLat.lng, e.lngLat.lat];
  const from = corners[0]!;
  if (how === "rectangle") corners = [from, [p[0], from[1]], p, [from[0], p[1]]];
  else if (corners.length < 1500) corners.push(p);
  shown();
};

const lift = (): void => {
  pressed = false;
};

// ---- the panel

// live readies what the panel has for this script.
const wake = (): void => {
  for (const x of root.querySelectorAll<HTMLElement>("[data-script]")) x.hidden = x.id === "sheet" && !map;
  const slide = panel.querySelector<HTMLInputElement>("#slide");
  const minutes = panel.querySelector<HTMLInputElement>('[name="by"][value="minutes"]')?.checked;
  if (slide) {
    slide.min = minutes ? "30" : "15";
    slide.max = minutes ? "240" : "120";
  }
};

let moving = false;
let moved = false;

// live cuts as the target stands, one question at a time and always the newest.
const live = async (): Promise<void> => {
  if (Number(root.dataset["size"]) > liveMost) return;
  moved = true;
  if (moving) return;
  moving = true;
  while (moved) {
    moved = false;
    await ask(root.dataset["try"]!, wish(), [...panel.querySelectorAll("#slide, #target, #min, #max")]);
  }
  moving = false;
};

panel.addEventListener("input", (e) => {
  const el = e.target as HTMLInputElement;
  const target = panel.querySelector<HTMLInputElement>("#target");
  const slide = panel.querySelector<HTMLInputElement>("#slide");
  if (!target || !slide) return;
  if (el === slide) target.value = slide.value;
  else if (el === target) slide.value = target.value;
  else return;
  if (target.checkValidity() && target.value) void live();
});

panel.addEventListener("change", (e) => {
  const el = e.target as HTMLInputElement;
  if (el.name === "by") {
    const target = panel.querySelector<HTMLInputElement>("#target");
    if (target) target.value = el.value === "minutes" ? "90" : "45";
    wake();
    const slide = panel.querySelector<HTMLInputElement>("#slide");
    if (slide && target) slide.value = target.value;
  }
  if (el.id !== "slide" && el.name !== "by" && el.name !== "divide") return;
  moved = false;
  const body = wish();
  body.set("do", "cut");
  body.set("edition", String(plan.edition));
  void ask(root.dataset["edit"]!, body);
});

panel.addEventListener("submit", (e) => {
  const form = e.target as HTMLFormElement;
  if (form.action !== new URL(root.dataset["edit"]!, location.href).href) return;
  e.preventDefault();
  const body = new URLSearchParams();
  for (const [k, v] of new FormData(form, e.submitter)) if (typeof v === "string") body.append(k, v);
  void ask(form.action, body);
});

root.addEventListener("click", (e) => {
  const el = e.target as Element;
  const row = el.closest<HTMLElement>("[data-turf]");
  if (row && !(e as MouseEvent).ctrlKey && !(e as MouseEvent).metaKey) {
    e.preventDefault();
    choose(Number(row.dataset["turf"]));
    near();
    return;
  }
  acts[el.closest<HTMLElement>("[data-act]")?.dataset["act"] ?? ""]?.();
});

// ---- finding an address

const address = root.querySelector<HTMLInputElement>("#address")!;
const found = part("#found");
let sought = 0;

const seek = async (): Promise<void> => {
  const me = ++sought;
  await new Promise((done) => setTimeout(done, 150)); // while somebody types, only the last is asked
  if (me !== sought) return;
  const text = address.value.trim();
  if (text === "") {
    found.replaceChildren();
    return;
  }
  const res = await fetch(`${root.dataset["find"]!}?${new URLSearchParams({ find: text })}`, { headers: { Accept: "application/json" } });
  if (res.ok && me === sought) found.innerHTML = ((await res.json()) as { found: string }).found;
};

address.addEventListener("input", () => void seek());

part("#find").addEventListener("submit", (e) => {
  if (!map) return;
  e.preventDefault();
  const first = found.querySelector<HTMLElement>("[data-at]");
  if (first) goTo(first);
  else void seek();
});

const goTo = (a: HTMLElement): void => {
  const [lon, lat] = (a.dataset["at"] ?? "").split(",").map(Number);
  const id = Number(a.dataset["in"]);
  if (id && id !== chosen) choose(id);
  if (map && lon !== undefined && lat !== undefined) showFound(map, [lon, lat]);
  part("#sheet").scrollIntoView({ block: "nearest" });
};

found.addEventListener("click", (e) => {
  const a = (e.target as Element).closest<HTMLElement>("[data-at]");
  if (!a || !map || (e as MouseEvent).ctrlKey || (e as MouseEvent).metaKey) return;
  e.preventDefault();
  goTo(a);
});

// ---- what the map shows

const shelf = "turf-layers-off";
const switches = [...root.querySelectorAll<HTMLInputElement>("[data-layer]")];

const layersOff = (): string[] => {
  try {
    return (localStorage.getItem(shelf) ?? "").split(" ").filter(Boolean);
  } catch {
    return [];
  }
};

const layers = (): void => {
  for (const s of switches) if (map) showLayer(map, s.dataset["layer"]!, s.checked);
};

for (const s of switches) {
  s.checked = !layersOff().includes(s.dataset["layer"]!);
  s.addEventListener("change", () => {
    layers();
    try {
      localStorage.setItem(shelf, switches.filter((x) => !x.checked).map((x) => x.dataset["layer"]!).join(" "));
    } catch {
      // no storage: the next visit shows everything
    }
  });
}

const step = (by: number): void => {
  const i = plan.turfs.findIndex((t) => t.id === chosen);
  const t = plan.turfs[(i + by + plan.turfs.length) % plan.turfs.length] ?? plan.turfs[0];
  if (!t || t.id === chosen) return;
  choose(t.id);
  near();
};

// near brings the chosen turf into view.
const near = (): void => {
  const t = plan.turfs.find((x) => x.id === chosen);
  if (map && t) bring(map, t);
};

listen(root, {
  h: acts["hand"]!,
  d: acts["draw"]!,
  b: acts["block"]!,
  l: acts["line"]!,
  s: acts["bisect"]!,
  j: acts["join"]!,
  k: acts["lock"]!,
  u: acts["undo"]!,
  r: acts["redo"]!,
  n: () => step(1),
  p: () => step(-1),
  "/": () => {
    address.scrollIntoView({ block: "nearest" });
    address.focus();
    address.select();
  },
  "+": acts["in"]!,
  "-": acts["out"]!,
  Escape: () => {
    root.querySelector("#layers")?.removeAttribute("open");
    acts["hand"]!();
  },
});

// core is where most doors are: a few far out in the country would make the town a dot.
const core = (): Plan["box"] => {
  const [west, south, east, north] = plan.box;
  const cut = (k: 0 | 1): [number, number] => {
    const all = doors.map((d) => d[0][k]).sort((a, b) => a - b);
    const at = (share: number): number => all[Math.floor(share * (all.length - 1))]!;
    return [at(0.05), at(0.95)];
  };
  if (doors.length < 200) return plan.box;
  const [w, e] = cut(0);
  const [s, n] = cut(1);
  const few = (e - w) * 2 < east - west || (n - s) * 2 < north - south;
  return few ? [w, s, e, n] : plan.box;
};

const begin = async (): Promise<void> => {
  const { groundScript, ground, worker, base } = root.dataset;
  const [lib, res] = await Promise.all([import(groundScript!) as Promise<Lib>, fetch(`${root.dataset["plan"]!}?doors=1&chosen=${chosen}`)]);
  if (!res.ok) return;
  plan = (await res.json()) as Plan;
  doors = plan.doors ?? [];
  const sheet = part("#sheet");
  sheet.hidden = false;
  const m = open(lib, sheet, ground!, base ? (JSON.parse(base) as Base) : undefined, worker!, core());
  m.on("error", (e) => root.setAttribute("data-fault", e.error.message));
  await m.once("load");
  map = m;
  root.classList.add("alive");
  m.resize();
  m.fitBounds(core(), { padding: room(), duration: 0 });
  showDoors(m, doors);
  layers();
  wake();
  draw();
  m.on("click", clicked);
  m.on("mousedown", press);
  m.on("mousemove", drag);
  m.on("mouseup", lift);
  m.on("touchstart", press);
  m.on("touchmove", drag);
  m.on("touchend", lift);
  root.dataset["edition"] = String(plan.edition);
  await m.once("idle");
  root.setAttribute("data-ready", "");
};

void begin();
