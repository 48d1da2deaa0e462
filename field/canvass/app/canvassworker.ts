// The service worker of the canvass app. It keeps the files of one version, by name, and answers with them whether there is signal or not. It never
// touches anything else: what the server says about turf and answers is never kept here.

// The server writes both lines before this script: the version is the hash of the files.
declare const version: string;
declare const files: string[];

interface Extendable extends Event {
  waitUntil(p: Promise<unknown>): void;
}

interface Fetched extends Extendable {
  request: Request;
  respondWith(r: Promise<Response>): void;
}

const me = self as unknown as { skipWaiting(): Promise<void>; location: Location };
const PREFIX = "canvass ";
const SHELL = "/canvass";

const on = (type: string, f: (e: never) => void): void => self.addEventListener(type, f as EventListener);

on("install", (e: Extendable) => {
  const all = files.map((f) => new Request(f, { cache: "reload", credentials: "omit" }));
  e.waitUntil(caches.open(PREFIX + version).then((c) => c.addAll(all)));
});

on("message", (e: MessageEvent) => {
  if (e.data === "take over") void me.skipWaiting();
});

on("activate", (e: Extendable) => {
  const old = (name: string): boolean => name.startsWith(PREFIX) && name !== PREFIX + version;
  e.waitUntil(caches.keys().then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name)))));
});

on("fetch", (e: Fetched) => {
  const url = new URL(e.request.url);
  const ours = e.request.method === "GET" && url.origin === me.location.origin && files.includes(url.pathname) && (url.pathname === SHELL || url.search === "");
  if (!ours) return;
  const kept = caches.open(PREFIX + version).then((c) => c.match(url.pathname));
  e.respondWith(kept.then((r) => r ?? fetch(e.request)));
});
