// The map that pages lay their own layers on: MapLibre, and the site's streets, water, parks and precincts below. Nothing comes from elsewhere.
// It is one script for all pages with a map, fetched when a map is opened, so that a browser keeps it once.
import * as maplibre from "maplibre-gl";
import type { LayerSpecification, SourceSpecification, StyleSpecification } from "maplibre-gl";

export { maplibre };

export const act = "#07648d";
export const label = { "text-color": "#565c65", "text-halo-color": "#fff", "text-halo-width": 1.5 };

// What a page adds: its sources, and its layers between the ground and the ground's names.
export interface Own {
  ground: string; // where the tiles are: a path of this site
  sources: Record<string, SourceSpecification>;
  below: LayerSpecification[]; // over the streets
  above: LayerSpecification[]; // over the precincts' lines
  over: LayerSpecification[]; // over the names
}

export const style = (own: Own): StyleSpecification => ({
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
