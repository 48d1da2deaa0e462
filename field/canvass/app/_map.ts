// The turf as a map, drawn from what the packet holds: no tiles, no library, no network. The list of doors says the same in words.

import type { App, Screen, Spot } from "./_app";
import { button, h, icon } from "./_dom";
import { gone, indexOf, nextButton } from "./_doors";
import { address, short } from "./_say";
import { more } from "./_start";
import { next, type Place, type Turf } from "./_turf";
import type { At, Packet } from "./_wire";
import { metres, n, t } from "./_words";

const LOW = 0.35; // of the battery
const REACH = 28; // px round a door that open it

interface Battery {
  level: number;
  charging: boolean;
}

// low reports whether to spare the battery.
export const low = async (): Promise<boolean> => {
  const ask = (navigator as { getBattery?: () => Promise<Battery> }).getBattery;
  const b = await ask?.call(navigator).catch(() => undefined);
  return b !== undefined && !b.charging && b.level < LOW;
};

type XY = [x: number, y: number];

// flat lays the earth flat round a point: metres east and south of it. A turf is far too small for the difference to be seen.
export const flat =
  (centre: At) =>
  (p: At): XY => [(p[0] - centre[0]) * 111_320 * Math.cos((centre[1] * Math.PI) / 180), (centre[1] - p[1]) * 110_574];

const points = (p: Packet, places: Place[]): At[] => {
  const doors = places.flatMap((x) => (x.door.at ? [x.door.at] : []));
  return p.outline?.length ? [...p.outline, ...doors] : doors;
};

// inside is what of a line is on the screen (Liang and Barsky 1984); undefined when nothing is.
const inside = (a: XY, b: XY, w: number, h: number): [XY, XY] | undefined => {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  let [t0, t1] = [0, 1];
  for (const [p, q] of [[-dx, a[0]], [dx, w - a[0]], [-dy, a[1]], [dy, h - a[1]]] as const) {
    if (p === 0 && q < 0) return undefined;
    if (p < 0) t0 = Math.max(t0, q / p);
    if (p > 0) t1 = Math.min(t1, q / p);
  }
  const at = (t: number): XY => [a[0] + t * dx, a[1] + t * dy];
  return t0 < t1 ? [at(t0), at(t1)] : undefined;
};

class Drawing {
  scale = 1; // px per metre
  centre: XY = [0, 0]; // metres, in the middle of the canvas
  me: At | undefined;
  sparing = false;
  readonly to: (p: At) => XY;
  readonly #all: XY[];
  #asked = 0;

  constructor(
    readonly canvas: HTMLCanvasElement,
    readonly turf: Turf,
    readonly current: string | undefined,
  ) {
    const all = points(turf.packet, turf.places);
    this.to = flat(all[0] ?? [0, 0]);
    this.#all = all.map(this.to);
  }

  get empty(): boolean {
    return this.#all.length === 0;
  }

  // fit shows the whole turf.
  fit(): void {
    const xs = this.#all.map((p) => p[0]);
    const ys = this.#all.map((p) => p[1]);
    const [x0, x1, y0, y1] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    this.centre = [(x0 + x1) / 2, (y0 + y1) / 2];
    this.scale = Math.min(8, 0.86 * Math.min(this.canvas.clientWidth / Math.max(x1 - x0, 40), this.canvas.clientHeight / Math.max(y1 - y0, 40)));
    this.draw();
  }

  zoom(by: number, x = this.canvas.clientWidth / 2, y = this.canvas.clientHeight / 2): void {
    const before = this.back([x, y]);
    this.scale = Math.min(20, Math.max(0.02, this.scale * by));
    const after = this.back([x, y]);
    this.pan((after[0] - before[0]) * this.scale, (after[1] - before[1]) * this.scale);
  }

  pan(dx: number, dy: number): void {
    this.centre = [this.centre[0] - dx / this.scale, this.centre[1] - dy / this.scale];
    this.draw();
  }

  px(m: XY): XY {
    return [(m[0] - this.centre[0]) * this.scale + this.canvas.clientWidth / 2, (m[1] - this.centre[1]) * this.scale + this.canvas.clientHeight / 2];
  }

  back(px: XY): XY {
    return [(px[0] - this.canvas.clientWidth / 2) / this.scale + this.centre[0], (px[1] - this.canvas.clientHeight / 2) / this.scale + this.centre[1]];
  }

  // nearest is the door under a finger.
  nearest(x: number, y: number): Place | undefined {
    let [best, found]: [number, Place | undefined] = [REACH, undefined];
    for (const p of this.turf.places) {
      if (!p.door.at) continue;
      const [px, py] = this.px(this.to(p.door.at));
      const d = Math.hypot(px - x, py - y);
      if (d < best) [best, found] = [d, p];
    }
    return found;
  }

  draw(): void {
    cancelAnimationFrame(this.#asked);
    this.#asked = requestAnimationFrame(() => this.#draw());
  }

  #draw(): void {
    const c = this.canvas.getContext("2d");
    const [w, hh] = [this.canvas.clientWidth, this.canvas.clientHeight];
    if (!c || !w) return;
    const fine = Math.min(devicePixelRatio || 1, this.sparing ? 1 : 2);
    if (this.canvas.width !== Math.round(w * fine)) this.canvas.width = Math.round(w * fine);
    if (this.canvas.height !== Math.round(hh * fine)) this.canvas.height = Math.round(hh * fine);
    c.setTransform(fine, 0, 0, fine, 0, 0);
    c.fillStyle = "#eceff2";
    c.fillRect(0, 0, w, hh);
    c.lineJoin = c.lineCap = "round";
    const p = this.turf.packet;
    if (!this.sparing) for (const a of p.areas ?? []) this.#shape(c, a.ring, a.kind === "water" ? "#cfe2ea" : "#dfeadf");
    const wide: Record<string, number> = { highway: 14, main: 11, local: 7 };
    for (const s of p.streets ?? []) this.#line(c, s.line, "#fff", Math.max(3, (wide[s.class] ?? 7) * Math.min(2.2, this.scale)));
    if (p.outline?.length) {
      c.globalAlpha = 0.08;
      this.#shape(c, p.outline, "#07648d");
      c.globalAlpha = 1;
      this.#line(c, [...p.outline, p.outline[0] as At], "#07648d", 2);
    }
    for (const d of this.turf.places) this.#door(c, d);
    if (!this.sparing) this.#names(c);
    if (this.me) this.#self(c, this.me);
  }

  #path(c: CanvasRenderingContext2D, line: At[]): void {
    c.beginPath();
    for (const [i, p] of line.entries()) {
      const [x, y] = this.px(this.to(p));
      if (i) c.lineTo(x, y);
      else c.moveTo(x, y);
    }
  }

  #line(c: CanvasRenderingContext2D, line: At[], colour: string, width: number): void {
    this.#path(c, line);
    [c.strokeStyle, c.lineWidth] = [colour, width];
    c.stroke();
  }

  #shape(c: CanvasRenderingContext2D, ring: At[], colour: string): void {
    this.#path(c, ring);
    c.fillStyle = colour;
    c.fill();
  }

  #door(c: CanvasRenderingContext2D, p: Place): void {
    if (!p.door.at) return;
    const [x, y] = this.px(this.to(p.door.at));
    const [left, here] = [p.standing === "todo" || p.standing === "again", p.door.id === this.current];
    const r = (left ? 5 : 3) + (here ? 4 : 0);
    c.beginPath();
    c.arc(x, y, r, 0, 2 * Math.PI);
    c.fillStyle = left ? (here ? "#07648d" : "#fff") : "#71767a";
    c.fill();
    if (left) {
      [c.strokeStyle, c.lineWidth] = ["#074b69", 2.4];
      c.stroke();
    }
  }

  // names writes each street once, where it is longest, and never over another name.
  #names(c: CanvasRenderingContext2D): void {
    c.font = "600 12px 'Public Sans', sans-serif";
    [c.textAlign, c.textBaseline, c.lineWidth] = ["center", "middle", 3];
    const longest = new Map<string, [number, XY, XY]>();
    for (const s of this.turf.packet.streets ?? []) {
      const line = s.line.map((p) => this.px(this.to(p)));
      line.forEach((b, i) => {
        const seen = line[i - 1] && inside(line[i - 1] as XY, b, this.canvas.clientWidth, this.canvas.clientHeight);
        if (!seen || !s.name) return;
        const [a, z] = seen;
        const d = Math.hypot(z[0] - a[0], z[1] - a[1]);
        if (d > (longest.get(s.name)?.[0] ?? c.measureText(s.name).width + 12)) longest.set(s.name, [d, a, z]);
      });
    }
    const taken: XY[] = [];
    for (const [name, [, a, b]] of longest) {
      const [x, y] = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
      if (taken.some((o) => Math.hypot(o[0] - x, o[1] - y) < 40)) continue;
      taken.push([x, y]);
      let angle = Math.atan2(b[1] - a[1], b[0] - a[0]);
      if (Math.abs(angle) > Math.PI / 2) angle += Math.PI;
      c.save();
      c.translate(x, y);
      c.rotate(angle);
      [c.strokeStyle, c.fillStyle] = ["#fff", "#565c65"];
      c.strokeText(name, 0, 0);
      c.fillText(name, 0, 0);
      c.restore();
    }
  }

  #self(c: CanvasRenderingContext2D, at: At): void {
    const [x, y] = this.px(this.to(at));
    for (const [r, colour] of [[22, "rgb(38 114 222 / .15)"], [9, "#fff"], [7, "#2672de"]] as const) {
      c.beginPath();
      c.arc(x, y, r, 0, 2 * Math.PI);
      c.fillStyle = colour;
      c.fill();
    }
  }
}

// fingers lets one finger drag and tap, two pinch, and a wheel zoom.
const fingers = (d: Drawing, tap: (p: Place) => void): void => {
  const down = new Map<number, XY>();
  let moved = 0;
  const at = (e: PointerEvent): XY => [e.offsetX, e.offsetY];
  d.canvas.addEventListener("pointerdown", (e) => {
    d.canvas.setPointerCapture(e.pointerId);
    down.set(e.pointerId, at(e));
    if (down.size === 1) moved = 0;
  });
  d.canvas.addEventListener("pointermove", (e) => {
    const old = down.get(e.pointerId);
    if (!old) return;
    const now = at(e);
    const other = [...down].find(([id]) => id !== e.pointerId)?.[1];
    moved += Math.hypot(now[0] - old[0], now[1] - old[1]);
    if (other) {
      const [was, is] = [Math.hypot(old[0] - other[0], old[1] - other[1]), Math.hypot(now[0] - other[0], now[1] - other[1])];
      if (was > 0) d.zoom(is / was, (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
    } else d.pan(now[0] - old[0], now[1] - old[1]);
    down.set(e.pointerId, now);
  });
  const up = (e: PointerEvent): void => void down.delete(e.pointerId);
  // A tap is the click, the last of its events: what opens on an earlier one would get the click.
  d.canvas.addEventListener("click", (e) => {
    const p = moved > 8 ? undefined : d.nearest(e.offsetX, e.offsetY);
    if (p) tap(p);
  });
  d.canvas.addEventListener("pointerup", up);
  d.canvas.addEventListener("pointercancel", up);
  d.canvas.addEventListener("wheel", (e) => (e.preventDefault(), d.zoom(e.deltaY < 0 ? 1.2 : 1 / 1.2, e.offsetX, e.offsetY)), { passive: false });
};

export const map = (app: App, at: Spot): Screen => {
  const turf = app.turf(at.packet);
  if (!turf) return gone();
  const id = turf.packet.id;
  const from = indexOf(turf, app.last(id));
  const goal = next(turf, from);
  const done = turf.places.length - turf.left;
  const canvas = h("canvas", { role: "img", "aria-label": t("Map: %s left, drawn as rings; %s done, drawn as dots", n(turf.left, "%s door", "%s doors"), done) });
  const d = new Drawing(canvas, turf, goal?.door.id);
  const far = h("p", {}, goal ? t("Next: %s", address(goal.door)) : t("All doors are done"));
  let watch = 0;
  const resized = new ResizeObserver(() => d.draw());
  const moved = (p: GeolocationPosition): void => {
    d.me = [p.coords.longitude, p.coords.latitude];
    const to = goal?.door.at;
    if (to) {
      const [x, y] = flat(to)(d.me);
      far.textContent = `${t("Next: %s", address(goal.door))}, ${metres(Math.hypot(x, y))}`;
    }
    d.draw();
  };
  const refused = (): void => app.toast(t("The phone does not say where you are. The map works without it."));
  // locate asks once while the battery is low, and follows otherwise; it ends with the map.
  const locate = (): void => {
    if (d.sparing) navigator.geolocation.getCurrentPosition(moved, refused, { timeout: 20_000 });
    else if (!watch) watch = navigator.geolocation.watchPosition(moved, refused, { enableHighAccuracy: true, maximumAge: 10_000 });
    if (d.me) [d.centre, d.scale] = [d.to(d.me), Math.max(d.scale, 2)];
    d.draw();
  };
  const tool = (i: string, label: string, click: () => void): HTMLElement => button("button.btn", click, [icon(i)], { "aria-label": label });
  return {
    title: `${turf.packet.turf.name} · ${turf.packet.turf.map}`,
    sub: " ",
    right: [button("button", () => app.instead({ view: "doors", packet: id }), [icon("list")], { "aria-label": t("Show the list") })],
    wide: true,
    body: [
      h("div.ground", {}, canvas, h("div.zoom", { role: "group", "aria-label": t("Map") }, tool("plus", t("Closer"), () => d.zoom(1.5)), tool("minus", t("Farther"), () => d.zoom(1 / 1.5)), tool("map", t("Whole turf"), () => d.fit()))),
      d.empty && h("p.pad.mute", {}, t("The doors of this turf have no place on the map. The list has them all.")),
    ],
    thumb: [h("div.row.tight", {}, nextButton(turf, from, (to) => app.go(to), goal && t("Open %s", short(goal.door))), tool("loc", t("Show where I am"), locate), h("span.dark", {}, more(app)))],
    shown: () => {
      app.root.querySelector(".bar p")?.replaceWith(far);
      fingers(d, (p) => app.go({ view: "door", packet: id, door: p.door.id }));
      resized.observe(canvas);
      if (!d.empty) d.fit();
      void low().then((l) => ((d.sparing = l), d.draw()));
    },
    left: () => {
      resized.disconnect();
      if (watch) navigator.geolocation.clearWatch(watch);
    },
  };
};
