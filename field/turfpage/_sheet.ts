// The map of the cutting page: turfs in six hues, their numbers, doors, the walk of the chosen turf, and what is being drawn.
import type { GeoJSONSource, Map as Sheet } from "maplibre-gl";
import type { Base } from "../../internal/web/map/groundmap";

export type Lib = typeof import("../../internal/web/map/groundmap");
export type { Base } from "../../internal/web/map/groundmap";
export type XY = [number, number];

export interface Turf {
  id: number;
  name: string;
  doors: number;
  people: number;
  metres: number;
  time: string;
  hue: number;
  locked: boolean;
  held: boolean;
  centre: XY;
  outline: XY[][] | null;
}

export interface Plan {
  edition: number;
  may: boolean;
  tried: boolean;
  box: [number, number, number, number];
  doors?: [XY, number][];
  turfs: Turf[];
  lines: XY[][];
  panel: string;
  wrong?: string;
}

// room is what the tools and the bar cover of the map: on a phone the tools lie above and the bar below, where the sheet begins.
export const room = (): { top: number; bottom: number; left: number; right: number } =>
  innerWidth > 992 ? { top: 88, bottom: 40, left: 72, right: 56 } : { top: 76, bottom: 132, left: 32, right: 64 };

const hues = ["#0d7ea2", "#947100", "#8168b3", "#2e8367", "#c84281", "#bd5727"];
const ink = "#1c1d1f";
const none = { type: "FeatureCollection", features: [] } as GeoJSON.FeatureCollection;

const feature = (geometry: GeoJSON.Geometry, properties: Record<string, string | number> = {}): GeoJSON.Feature => ({ type: "Feature", properties, geometry });
const all = (features: GeoJSON.Feature[]): GeoJSON.FeatureCollection => ({ type: "FeatureCollection", features });

// rings are the polygons of an outline: outer rings run counter-clockwise, holes follow theirs.
const polygons = (outline: XY[][] | null): XY[][][] => {
  const out: XY[][][] = [];
  for (const r of outline ?? []) {
    const area = r.reduce((sum, p, i) => sum + p[0] * (r[i + 1] ?? r[0]!)[1] - (r[i + 1] ?? r[0]!)[0] * p[1], 0);
    if (area >= 0 || out.length === 0) out.push([r]);
    else out[out.length - 1]!.push(r);
  }
  return out;
};

export const open = (lib: Lib, box: HTMLElement, ground: string, base: Base | undefined, worker: string, bounds: Plan["box"]): Sheet => {
  const hue = ["match", ["get", "hue"], ...hues.flatMap((c, i) => [i, c]), ink] as unknown as string;
  const on = (yes: number, no: number): number => ["case", ["==", ["get", "on"], 1], yes, no] as unknown as number;
  const empty = { type: "geojson", data: none } as const;
  return lib.sheet(
    box,
    worker,
    lib.style({
      ground,
      base,
      sources: { turfs: empty, doors: empty, numbers: empty, lines: empty, walk: empty, start: empty, drawn: empty, found: empty },
      below: [
        { id: "turfs", type: "fill", source: "turfs", paint: { "fill-color": hue, "fill-opacity": on(0.38, 0.17) } },
        { id: "edges", type: "line", source: "turfs", layout: { "line-join": "round" }, paint: { "line-color": hue, "line-width": on(4, 2) } },
      ],
      above: [
        { id: "lines", type: "line", source: "lines", paint: { "line-color": ink, "line-width": 3, "line-opacity": 0.6 } },
        { id: "doors", type: "circle", source: "doors", minzoom: 12, paint: { "circle-color": "#3d4551", "circle-radius": ["interpolate", ["linear"], ["zoom"], 12, 1, 16, 2.6, 18, 3.6] } },
        { id: "walk", type: "line", source: "walk", layout: { "line-join": "round" }, paint: { "line-color": ink, "line-width": 1.6, "line-dasharray": [3, 2] } },
        { id: "start", type: "circle", source: "start", paint: { "circle-radius": 6, "circle-color": "#fff", "circle-stroke-color": ink, "circle-stroke-width": 2 } },
      ],
      over: [
        { id: "discs", type: "circle", source: "numbers", paint: { "circle-color": "#fff", "circle-radius": ["interpolate", ["linear"], ["zoom"], 10, 3, 12, 10, 14, 13], "circle-stroke-color": hue, "circle-stroke-width": 2 } },
        {
          id: "numbers",
          type: "symbol",
          source: "numbers",
          minzoom: 11.5,
          layout: { "text-field": ["to-string", ["get", "id"]], "text-font": ["Public Sans"], "text-size": ["interpolate", ["linear"], ["zoom"], 11, 10, 14, 14], "text-allow-overlap": true, "text-ignore-placement": true },
          paint: { "text-color": ink },
        },
        {
          id: "counts",
          type: "symbol",
          source: "numbers",
          minzoom: 13.5,
          layout: { "text-field": ["to-string", ["get", "doors"]], "text-font": ["Public Sans"], "text-size": 12, "text-offset": [0, 1.7], "text-allow-overlap": true, "text-ignore-placement": true },
          paint: { "text-color": ink, "text-halo-color": "#fff", "text-halo-width": 1.5 },
        },
        { id: "found", type: "circle", source: "found", paint: { "circle-radius": 12, "circle-opacity": 0, "circle-stroke-color": lib.act, "circle-stroke-width": 4 } },
        { id: "drawn", type: "fill", source: "drawn", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": lib.act, "fill-opacity": 0.17 } },
        { id: "drawn-edge", type: "line", source: "drawn", paint: { "line-color": lib.act, "line-width": 2 } },
        { id: "drawn-corners", type: "circle", source: "drawn", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-radius": 4, "circle-color": "#fff", "circle-stroke-color": lib.act, "circle-stroke-width": 2 } },
      ],
    }),
    bounds,
    room(),
  );
};

const put = (map: Sheet, name: string, data: GeoJSON.FeatureCollection): void => void map.getSource<GeoJSONSource>(name)?.setData(data);

// show draws a plan with one turf chosen.
export const show = (map: Sheet, plan: Plan, chosen: number): void => {
  put(map, "turfs", all(plan.turfs.map((t) => feature({ type: "MultiPolygon", coordinates: polygons(t.outline) }, { id: t.id, hue: t.hue, on: t.id === chosen ? 1 : 0 }))));
  put(map, "numbers", all(plan.turfs.map((t) => feature({ type: "Point", coordinates: t.centre }, { id: t.id, hue: t.hue, doors: t.doors }))));
  put(map, "lines", all(plan.lines.map((l) => feature({ type: "LineString", coordinates: l }))));
};

export const showDoors = (map: Sheet, doors: [XY, number][]): void => put(map, "doors", all([feature({ type: "MultiPoint", coordinates: doors.map((d) => d[0]) })]));

export const showWalk = (map: Sheet, line: XY[]): void => {
  put(map, "walk", line.length > 1 ? all([feature({ type: "LineString", coordinates: line })]) : none);
  put(map, "start", line.length > 0 ? all([feature({ type: "Point", coordinates: line[0]! })]) : none);
};

// showFound rings an address that was looked for, and brings it into view.
export const showFound = (map: Sheet, at: XY): void => {
  put(map, "found", all([feature({ type: "Point", coordinates: at })]));
  map.jumpTo({ center: at, zoom: Math.max(map.getZoom(), 16) });
};

// What each switch of the map shows.
const shelves: Record<string, string[]> = {
  streets: ["street", "street-name"],
  precincts: ["precinct", "precinct-name"],
  turfs: ["turfs", "edges", "discs", "numbers", "counts"],
  doors: ["doors"],
};

export const showLayer = (map: Sheet, name: string, on: boolean): void => {
  const base = name === "streets" ? map.getStyle().layers.filter((l) => l.id.startsWith("base")).map((l) => l.id) : [];
  for (const id of [...(shelves[name] ?? []), ...base]) if (map.getLayer(id)) map.setLayoutProperty(id, "visibility", on ? "visible" : "none");
};

// showDrawn shows corners that are set, and with area what they enclose.
export const showDrawn = (map: Sheet, corners: XY[], area: boolean, dots: boolean): void => {
  const features: GeoJSON.Feature[] = [];
  if (dots) for (const c of corners) features.push(feature({ type: "Point", coordinates: c }));
  if (corners.length > 1) features.push(feature({ type: "LineString", coordinates: area ? [...corners, corners[0]!] : corners }));
  if (area && corners.length > 2) features.push(feature({ type: "Polygon", coordinates: [[...corners, corners[0]!]] }));
  put(map, "drawn", all(features));
};

// inside says whether a place lies in a ring (even-odd rule).
export const inside = (p: XY, ring: XY[]): boolean => {
  let yes = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const a = ring[i]!;
    const b = ring[j]!;
    if (a[1] > p[1] !== b[1] > p[1] && p[0] < ((b[0] - a[0]) * (p[1] - a[1])) / (b[1] - a[1]) + a[0]) yes = !yes;
  }
  return yes;
};

// bring moves the map to a turf that is not to be seen, or too small to be.
export const bring = (map: Sheet, turf: Turf): void => {
  const all = (turf.outline ?? []).flat();
  if (all.length === 0) return;
  const west = Math.min(...all.map((p) => p[0]));
  const east = Math.max(...all.map((p) => p[0]));
  const south = Math.min(...all.map((p) => p[1]));
  const north = Math.max(...all.map((p) => p[1]));
  const a = map.project([west, south]);
  const b = map.project([east, north]);
  const seen = map.getBounds();
  if (seen.contains([west, south]) && seen.contains([east, north]) && Math.max(b.x - a.x, a.y - b.y) > 60) return;
  map.fitBounds([west, south, east, north], { padding: { top: 120, bottom: 120, left: 120, right: 120 }, maxZoom: 16, duration: 0 });
};
