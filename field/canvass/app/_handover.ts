// Hands what waits here to a nearby phone, which carries it to the server: as pictures that its camera reads, or as a file. Nothing leaves this phone's log
// by that: an answer goes only when the server says that it holds it.

import encodeQR from "qr";

import { unbase64 } from "../../../internal/web/offline/_bytes";
import { letter, parcelOf, pieces } from "../../../internal/web/offline/_parcel";
import { MOST } from "../../../internal/web/offline/_sender";
import type { App, Screen } from "./_app";
import { button, h, icon, type Kid } from "./_dom";
import { n, number, t } from "./_words";

const SHOWN = 350; // ms of each picture: fewer than three a second, which harms nobody (WCAG 2.3.1)

// draw paints a code with one pixel to a module; the page makes it large.
const draw = (canvas: HTMLCanvasElement, text: string): void => {
  const code = encodeQR(text, "raw", { ecc: "low", encoding: "alphanumeric", border: 4 });
  const pen = canvas.getContext("2d");
  canvas.width = canvas.height = code.length;
  if (!pen) return;
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, code.length, code.length);
  pen.fillStyle = "#000";
  code.forEach((row, y) => row.forEach((dark, x) => dark && pen.fillRect(x, y, 1, 1)));
};

export const handover = (app: App): Screen => {
  const waiting = app.log.waiting(MOST);
  const [all, key] = [app.log.waiting().length, app.site.parcel];
  const canvas = h("canvas", { role: "img", "aria-label": t("Codes for the camera of another phone, one after the other") });
  const line = h("p.mute", { role: "status" });
  let texts: string[] = [];
  let [file, at, timer]: [File | undefined, number, ReturnType<typeof setInterval> | undefined] = [undefined, 0, undefined];

  const show = (): void => {
    draw(canvas, texts[at % texts.length] ?? "");
    canvas.dataset["piece"] = texts[at % texts.length];
    at++;
  };
  const hold = (): void => {
    clearInterval(timer);
    timer = undefined;
  };
  const run = (): void => {
    show();
    if (texts.length > 1) timer = setInterval(show, SHOWN);
  };
  const pause = button("button.btn.wide", () => {
    if (timer) hold();
    else run();
    pause.textContent = timer ? t("Hold this picture") : t("Go on with the pictures");
  }, [t("Hold this picture")]);
  pause.hidden = true;

  const make = async (): Promise<void> => {
    if (!waiting.length || !key) return;
    const parcel = await parcelOf(unbase64(key), await app.vault.token(), waiting);
    texts = await pieces(parcel);
    file = new File([letter(parcel, t("Answers from doors, sealed. Open %s, choose “Scan a code”, then this file. Only the server can read it.", `${location.origin}/canvass`))], "canvass-answers.txt", { type: "text/plain" });
    line.textContent = n(texts.length, "%s picture. The other phone says when it has it.", "%s pictures, again and again. The other phone says when it has them all.");
    pause.hidden = texts.length < 2;
    if (app.at.view === "handover") run();
  };
  const share = async (): Promise<void> => {
    if (!file) return;
    if (navigator.canShare?.({ files: [file] })) {
      try {
        await navigator.share({ files: [file] });
      } catch {
        return; // they changed their mind
      }
    } else {
      const link = h("a", { href: URL.createObjectURL(file), download: file.name });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    }
    app.toast(t("The answers stay here too, until the server has them."));
  };
  const some = all > waiting.length && h("p.note.plain", {}, icon("info"), h("span", {}, t("These are the oldest %s of %s. The others follow when these are on the server.", number(waiting.length), number(all))));
  const body: Kid[] = waiting.length
    ? [
        h("p", {}, n(waiting.length, "%s answer waits here. A phone nearby can carry it to the server: open the app on it, then More, Scan a code, and hold its camera over this.", "%s answers wait here. A phone nearby can carry them to the server: open the app on it, then More, Scan a code, and hold its camera over this.")),
        some,
        h("div.codes", {}, canvas),
        line,
        pause,
        h("p.hint", {}, t("They are sealed: only the server can read them. They stay here too, and nothing counts twice.")),
      ]
    : [h("p.note.ok", {}, icon("check"), h("span", {}, t("Nothing waits here. Everything recorded on this phone is on the server.")))];
  return {
    title: t("Hand over to a nearby phone"),
    sub: app.who?.name ?? "",
    body,
    thumb: waiting.length ? [button("button.btn.wide", share, [icon("upload"), "share" in navigator ? t("Share it as a file") : t("Save it as a file")])] : [],
    shown: () => void make(),
    left: hold,
  };
};
