// The worker that reads the map's tiles, beside the page because its policy allows scripts of this site only. The library calls itself free of
// side effects; what is exported stays in the bundle all the same.
export { default } from "maplibre-gl/dist/maplibre-gl-worker.mjs";
