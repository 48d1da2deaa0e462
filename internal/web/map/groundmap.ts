// The map that pages lay their own layers on: MapLibre, and the site's streets, water, parks and precincts below. Nothing comes from elsewhere.
// It is one script for all pages with a map, fetched when a map is opened, so that a browser keeps it once.
import * as maplibre from "maplibre-gl";
import type { LayerSpecification, SourceSpecification, StyleSpecification } from "maplibre-gl";

export { maplibre };

export const act = "#07648d";
export const label = { "text-color": "#565c65", "text-halo-color": "#fff", "text-halo-width": 1.5 };

// Base is a base map below the site's own ground, as pages are told of it.
export interface Base {
  tiles: string; // a path of this site, or an https address
  raster: boolean;
  min: number;
  max: number;
}

// fetchBase lets maps ask for the tiles of the base map by way of the page, whose policy names the one other server there may be.
const fetchBase = (base: Base): void => {
  const own = base.tiles.startsWith("/");
  maplibre.addProtocol("base", async (request, stop) => {
    const [z, x, y] = request.url.slice("base://".length).split("/");
    const url = base.tiles.replace("{z}", z!).replace("{x}", x!).replace("{y}", y!);
    const res = await fetch(url, { signal: stop.signal, credentials: own ? "same-origin" : "omit", referrerPolicy: own ? "same-origin" : "origin" });
    if (!res.ok || (res.status === 204 && base.raster)) throw new Error(`no tile ${z}/${x}/${y}: ${res.status}`);
    return { data: await res.arrayBuffer() };
  });
};

const tiles = (base: Base): SourceSpecification =>
  base.raster
    ? { type: "raster", tiles: ["base://{z}/{x}/{y}"], tileSize: 256, minzoom: base.min, maxzoom: base.max }
    : { type: "vector", tiles: ["base://{z}/{x}/{y}"], minzoom: base.min, maxzoom: base.max };

// The layers of a base map: grey, so that what the page draws is the only colour. Vector tiles have the names of Protomaps or of OpenMapTiles; of a name
// that the tiles do not have nothing is drawn.
const baseLayers = (base: Base): LayerSpecification[] => {
  if (base.raster) return [{ id: "base", type: "raster", source: "base", paint: { "raster-saturation": -0.85, "raster-opacity": 0.8 } }];
  const fill = (layer: string, kinds: string[], color: string, more: object = {}): LayerSpecification => ({
    id: `base-${layer}`,
    type: "fill",
    source: "base",
    "source-layer": layer,
    filter: kinds.length > 0 ? ["in", ["coalesce", ["get", "kind"], ["get", "class"]], ["literal", kinds]] : ["==", ["geometry-type"], "Polygon"],
    paint: { "fill-color": color },
    ...more,
  });
  const green = ["park", "nature_reserve", "forest", "wood", "grass", "golf_course", "cemetery"];
  const large = ["highway", "major_road", "motorway", "trunk", "primary", "secondary"];
  const road = (layer: string): LayerSpecification => ({
    id: `base-${layer}`,
    type: "line",
    source: "base",
    "source-layer": layer,
    layout: { "line-cap": "round", "line-join": "round" },
    filter: ["!", ["in", ["coalesce", ["get", "kind"], ["get", "class"]], ["literal", ["rail", "ferry", "path", "transit"]]]],
    paint: { "line-color": "#fff", "line-width": ["interpolate", ["exponential", 1.6], ["zoom"], 8, 0.4, 12, ["case", ["in", ["coalesce", ["get", "kind"], ["get", "class"]], ["literal", large]], 2, 0.6], 17, ["case", ["in", ["coalesce", ["get", "kind"], ["get", "class"]], ["literal", large]], 16, 9]] },
  });
  return [
    fill("landuse", green, "#dfeadf"),
    fill("landcover", green, "#dfeadf"),
    fill("water", [], "#cfe2ea"),
    fill("buildings", [], "#dfe3e8", { minzoom: 16 }),
    fill("building", [], "#dfe3e8", { minzoom: 16 }),
    road("roads"),
    road("transportation"),
  ];
};

const baseNames = (base: Base): LayerSpecification[] =>
  base.raster
    ? []
    : ["roads", "transportation_name"].map((layer) => ({
        id: `base-${layer}-name`,
        type: "symbol",
        source: "base",
        "source-layer": layer,
        minzoom: 14.5,
        layout: { "text-field": ["get", "name"], "text-font": ["Public Sans"], "text-size": 12, "symbol-placement": "line" },
        paint: label,
      }));

// What a page adds: its sources, and its layers between the ground and the ground's names.
export interface Own {
  ground: string; // where the tiles are: a path of this site
  base?: Base | undefined;
  sources: Record<string, SourceSpecification>;
  below: LayerSpecification[]; // over the streets
  above: LayerSpecification[]; // over the precincts' lines
  over: LayerSpecification[]; // over the names
}

// style is the ground with what the page adds. With a base map, the site's own water, parks and streets stay out of its way.
export const style = (own: Own): StyleSpecification => {
  const whole = plan(own);
  if (!own.base) return whole;
  fetchBase(own.base);
  const instead = new Set(["park", "water", "street", "street-name"]);
  const rest = whole.layers.filter((l) => !instead.has(l.id));
  const names = rest.findIndex((l) => l.id === "precinct-name");
  return {
    ...whole,
    sources: { base: tiles(own.base), ...whole.sources },
    layers: [rest[0]!, ...baseLayers(own.base), ...rest.slice(1, names), ...baseNames(own.base), ...rest.slice(names)],
  };
};

const plan = (own: Own): StyleSpecification => ({
  version: 8,
  sources: { ground: { type: "vector", tiles: [`${location.origin}${own.ground}/{z}/{x}/{y}`], minzoom: 9, maxzoom: 15 }, ...own.sources },
  layers: [
    { id: "page", type: "background", paint: { "background-color": "#eceff2" } },
    { id: "park", type: "fill", source: "ground", "source-layer": "park", paint: { "fill-color": "#dfeadf" } },
    { id: "water", type: "fill", source: "ground", "source-layer": "water", paint: { "fill-color": "#cfe2ea" } },
    {
      id: "street",
      type: "line",
      source: "ground",
      "source-layer": "street",
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": "#fff", "line-width": ["interpolate", ["exponential", 1.6], ["zoom"], 12, ["case", ["==", ["get", "main"], 1], 2, 0.6], 17, ["case", ["==", ["get", "main"], 1], 16, 9]] },
    },
    ...own.below,
    { id: "precinct", type: "line", source: "ground", "source-layer": "precinct", paint: { "line-color": "#71767a", "line-width": 0.8, "line-dasharray": [3, 2] } },
    ...own.above,
    {
      id: "street-name",
      type: "symbol",
      source: "ground",
      "source-layer": "street",
      minzoom: 15,
      layout: { "text-field": ["get", "name"], "text-font": ["Public Sans"], "text-size": 12, "symbol-placement": "line" },
      paint: label,
    },
    {
      id: "precinct-name",
      type: "symbol",
      source: "ground",
      "source-layer": "precinct",
      minzoom: 10,
      maxzoom: 15,
      layout: { "text-field": ["get", "name"], "text-font": ["Public Sans"], "text-size": 12 },
      paint: label,
    },
    ...own.over,
  ],
});

// sheet opens a map in a box of the page. It lies flat and points north, as walkers hold it.
export const sheet = (container: HTMLElement, worker: string, look: StyleSpecification, bounds: [number, number, number, number], padding: number | maplibre.PaddingOptions = 32): maplibre.Map => {
  maplibre.setWorkerUrl(worker);
  const map = new maplibre.Map({
    container,
    style: look,
    bounds,
    fitBoundsOptions: { padding },
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    maxZoom: 19,
    fadeDuration: 0,
  });
  map.touchZoomRotate.disableRotation();
  return map;
};
