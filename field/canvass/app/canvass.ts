// The canvass app: what a canvasser takes along. It opens from the phone, with or without signal.

import { get, META, open } from "../../../internal/web/offline/_db";
import { Vault } from "../../../internal/web/offline/_vault";
import { App, type Settings, type Site, STORE } from "./_app";
import { door, doors } from "./_doors";
import { handover } from "./_handover";
import { map } from "./_map";
import { menu, phone } from "./_phone";
import { scan } from "./_scan";
import { about, fix, fixwords, met, newdoor, note, results } from "./_record";
import { erased, forgot, pin, settings, start, turfs, unlock } from "./_start";
import { person } from "./_steps";
import { learn } from "./_words";

const views = { start, join: start, pin, unlock, forgot, erased, turfs, settings, doors, door, person, results, note, met, newdoor, about, fix, fixwords, map, phone, handover, scan, more: menu };

// worker keeps the app on the phone. A newer one waits until nobody is in the middle of something: it takes over on the locked screen.
const worker = async (app: App): Promise<void> => {
  const w = await navigator.serviceWorker.register("/canvass/worker.js", { scope: "/canvass", updateViaCache: "none" });
  const idle = (): boolean => app.at.view === "unlock" || app.at.view === "start";
  const offer = (): void => {
    if (idle()) w.waiting?.postMessage("take over");
  };
  w.addEventListener("updatefound", () => w.installing?.addEventListener("statechange", offer));
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (idle()) location.reload();
  });
  app.locked = offer;
  offer();
};

// invited reads the link that the app was opened with, /canvass#4821-730 or, for somebody with an account, /canvass#o3, and takes it out of the address.
const invited = (app: App): boolean => {
  const link = decodeURIComponent(location.hash.slice(1));
  if (!link) return false;
  history.replaceState(history.state, "", location.pathname);
  if (/^o\d+$/.test(link)) app.org = Number(link.slice(1));
  else app.invitation = link.replace(/[^\d-]/g, "");
  return true;
};

const main = async (): Promise<void> => {
  const site = JSON.parse(document.getElementById("site")?.textContent ?? "{}") as Site;
  const root = document.getElementById("app");
  if (!root) return;
  learn(site.es);
  const db = await open(STORE);
  const app = new App(site, db, new Vault(db), views, root);
  invited(app);
  addEventListener("hashchange", () => {
    if (!invited(app)) return;
    if (app.vault.isOpen) app.go({ view: "join" });
    else app.render();
  });
  const lang = /^es\b/.test(navigator.language) ? "es" : "en";
  app.settings = { lang, size: 0, ...(await get<Partial<Settings>>(db, META, "settings")) };
  app.apply();
  await app.recall();
  app.reset({ view: (await app.vault.isEmpty()) ? "start" : "unlock" });
  await worker(app).catch(() => undefined); // without one the app works as a page does
};

void main();
