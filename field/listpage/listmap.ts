// The large map of a list: squares with many people far out, doors close in, over the site's own streets. Nothing comes from elsewhere. An
// area can be drawn on it with the pointer, or by the keyboard: the cross in the middle sets corners.
import type { GeoJSONSource, Map as Sheet, StyleSpecification } from "maplibre-gl";

type Lib = typeof import("../../internal/web/map/groundmap");
type Point = [number, number];

export interface Wish {
  lib: Lib;
  worker: string; // the script that reads tiles
  tiles: string; // where tiles of the people are posted for
  ground: string; // where tiles of streets are
  body: () => URLSearchParams; // the list as it stands
  box: number[]; // west, south, east, north
  area: (rings: string) => void; // takes a drawn area
  template: HTMLTemplateElement;
}

// The tiles of the people are posted for, as what describes them may be long. The protocol carries where to the page.
let current: Wish | undefined;
let known = false;

const protocols = ({ maplibre }: Lib): void => {
  if (known) return;
  known = true;
  maplibre.addProtocol("people", async (request, stop) => {
    const [z = "", x = "", y = ""] = request.url.replace("people://", "").split("/");
    const body = current?.body() ?? new URLSearchParams();
    for (const [k, v] of Object.entries({ z, x, y })) body.set(k, v);
    const res = await fetch(current?.tiles ?? "", { method: "POST", body, signal: stop.signal });
    return { data: res.ok ? await res.arrayBuffer() : new ArrayBuffer(0) };
  });
};

const ramp = ["#cfe2ea", "#9fc7d6", "#5f9db3", "#2e7591", "#0b4d69"];

const own = (lib: Lib, ground: string): StyleSpecification =>
  lib.style({
    ground,
    sources: {
      people: { type: "vector", tiles: ["people://{z}/{x}/{y}"], minzoom: 0, maxzoom: 17 },
      drawn: { type: "geojson", data: { type: "FeatureCollection", features: [] } },
    },
    below: [
      {
        id: "squares",
        type: "fill",
        source: "people",
        "source-layer": "squares",
        paint: { "fill-color": ["step", ["get", "people"], ramp[0]!, 5, ramp[1]!, 20, ramp[2]!, 75, ramp[3]!, 300, ramp[4]!], "fill-opacity": 0.8 },
      },
    ],
    above: [
      {
        id: "doors",
        type: "circle",
        source: "people",
        "source-layer": "doors",
        paint: { "circle-color": lib.act, "circle-radius": ["interpolate", ["linear"], ["zoom"], 14, ["min", ["+", 1.6, ["*", 0.25, ["get", "people"]]], 4], 18, ["min", ["+", 3.6, ["*", 0.6, ["get", "people"]]], 9]], "circle-stroke-color": "#fff", "circle-stroke-width": 0.8 },
      },
    ],
    over: [
      // far out, where streets and precincts do not say yet where one is
      {
        id: "town-name",
        type: "symbol",
        source: "people",
        "source-layer": "places",
        filter: ["==", ["get", "kind"], "municipality"],
        minzoom: 9,
        maxzoom: 13,
        layout: { "text-field": ["get", "name"], "text-font": ["Public Sans"], "text-size": 12 },
        paint: lib.label,
      },
      {
        id: "county-name",
        type: "symbol",
        source: "people",
        "source-layer": "places",
        filter: ["==", ["get", "kind"], "county"],
        minzoom: 3,
        maxzoom: 11,
        layout: { "text-field": ["get", "name"], "text-font": ["Public Sans"], "text-size": 13, "text-padding": 6 },
        paint: { ...lib.label, "text-color": "#1c1d1f" },
      },
      { id: "drawn", type: "fill", source: "drawn", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": lib.act, "fill-opacity": 0.17 } },
      { id: "drawn-edge", type: "line", source: "drawn", paint: { "line-color": lib.act, "line-width": 2 } },
      { id: "drawn-corners", type: "circle", source: "drawn", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-radius": 5, "circle-color": "#fff", "circle-stroke-color": lib.act, "circle-stroke-width": 2 } },
    ],
  });

const rings = (text: string): Point[][] =>
  text
    .split(";")
    .filter(Boolean)
    .map((r) => r.split(" ").map((p) => p.split(",").map(Number) as Point));

// draw shows corners that are set, and what they enclose.
const show = (map: Sheet, corners: Point[], areas: Point[][]): void => {
  const features: GeoJSON.Feature[] = areas.map((r) => ({ type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [[...r, r[0]!]] } }));
  for (const c of corners) features.push({ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: c } });
  if (corners.length > 1) features.push({ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: corners } });
  if (corners.length > 2) features.push({ type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [[...corners, corners[0]!]] } });
  void map.getSource<GeoJSONSource>("drawn")?.setData({ type: "FeatureCollection", features });
};

export const open = (wish: Wish): void => {
  current = wish;
  protocols(wish.lib);
  const frame = wish.template.content.firstElementChild!.cloneNode(true) as HTMLElement;
  document.body.append(frame);
  const opener = document.activeElement as HTMLElement | null;
  const find = <T extends HTMLElement>(name: string): T => frame.querySelector<T>(`[data-do="${name}"]`)!;
  const [west = -98, south = 30, east = -70, north = 45] = wish.box.length === 4 && wish.box.every(Number.isFinite) ? wish.box : [];
  const map = wish.lib.sheet(frame.querySelector<HTMLElement>(".ground")!, wish.worker, own(wish.lib, wish.ground), [west, south, east, north]);
  let corners: Point[] = [];
  let drawing = false;
  const kept = rings(wish.body().get("inside") ?? "");
  map.on("load", () => show(map, corners, kept));
  map.on("error", (e) => frame.setAttribute("data-fault", e.error.message));
  map.once("idle", () => frame.setAttribute("data-ready", ""));

  const tools = (): void => {
    find("draw").hidden = drawing;
    for (const n of ["corner", "back", "finish", "cancel"]) find(n).hidden = !drawing;
    (find("finish") as HTMLButtonElement).disabled = corners.length < 3;
    (find("back") as HTMLButtonElement).disabled = corners.length === 0;
    frame.classList.toggle("drawing", drawing);
    map.getCanvas().style.cursor = drawing ? "crosshair" : "";
    show(map, corners, drawing ? [] : kept);
  };
  const corner = (p: Point): void => {
    corners.push([Math.round(p[0] * 1e6) / 1e6, Math.round(p[1] * 1e6) / 1e6]);
    tools();
  };
  const stop = (): void => {
    drawing = false;
    corners = [];
    tools();
  };
  const close = (): void => {
    document.removeEventListener("keydown", key, true);
    map.remove();
    frame.remove();
    opener?.focus();
  };
  const key = (e: KeyboardEvent): void => {
    if (e.key === "Escape") {
      if (drawing) stop();
      else close();
    } else if (e.key === "Tab") {
      const all = [...frame.querySelectorAll<HTMLElement>("button:not([hidden]):not(:disabled), canvas")];
      const end = e.shiftKey ? all[0] : all.at(-1);
      if (document.activeElement !== end) return;
      (e.shiftKey ? all.at(-1) : all[0])?.focus();
    } else return;
    e.preventDefault();
    e.stopImmediatePropagation();
  };
  document.addEventListener("keydown", key, true);
  map.on("click", (e) => {
    if (drawing) corner([e.lngLat.lng, e.lngLat.lat]);
  });
  const does: Record<string, () => void> = {
    close,
    cancel: stop,
    draw: () => {
      drawing = true;
      tools();
    },
    corner: () => {
      const c = map.getCenter();
      corner([c.lng, c.lat]);
    },
    back: () => {
      corners.pop();
      tools();
    },
    finish: () => {
      const text = corners.map((p) => p.join(",")).join(" ");
      close();
      wish.area(text);
    },
    in: () => void map.zoomIn(),
    out: () => void map.zoomOut(),
  };
  frame.addEventListener("click", (e) => {
    const name = (e.target as HTMLElement).closest<HTMLElement>("[data-do]")?.dataset["do"] ?? "";
    does[name]?.();
  });
  tools();
  find("close").focus();
};
