// The camera as a reader of QR codes: a list number, or what another phone hands over. It asks for the camera when somebody taps, works without a network,
// and lets go of it when the screen is left.

import decodeQR from "qr/decode.js";

import type { Bytes } from "../../../internal/web/offline/_bytes";
import { fromLetter, Gathering } from "../../../internal/web/offline/_parcel";
import type { App, Screen } from "./_app";
import { button, h, icon } from "./_dom";
import { said } from "./_start";
import { n, t } from "./_words";

const PAUSE = 90; // ms between two looks
const SIDE = 900; // pixels looked at, at most: finer than that no code is
const LARGEST = 2 << 20; // bytes of a file

interface Detector {
  detect(of: CanvasImageSource): Promise<{ rawValue: string }[]>;
}

// detector is the browser's own reader, which is faster, where there is one.
const detector = async (): Promise<Detector | undefined> => {
  const own = (globalThis as { BarcodeDetector?: { new (o: { formats: string[] }): Detector; getSupportedFormats(): Promise<string[]> } }).BarcodeDetector;
  if (!own || !(await own.getSupportedFormats().catch((): string[] => [])).includes("qr_code")) return undefined;
  return new own({ formats: ["qr_code"] });
};

// look tells seen what codes before the camera say, until the returned function is called.
const look = async (video: HTMLVideoElement, seen: (text: string) => void): Promise<() => void> => {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: "environment", width: { ideal: 1280 } } });
  let own = await detector();
  let on = true;
  const stop = (): void => {
    on = false;
    for (const track of stream.getTracks()) track.stop();
  };
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const once = async (): Promise<void> => {
    const k = Math.min(1, SIDE / Math.max(video.videoWidth, video.videoHeight));
    [canvas.width, canvas.height] = [Math.round(video.videoWidth * k), Math.round(video.videoHeight * k)];
    pen?.drawImage(video, 0, 0, canvas.width, canvas.height);
    if (own) {
      try {
        for (const code of await own.detect(canvas)) seen(code.rawValue);
        return;
      } catch {
        own = undefined; // it is named, and does not work here
      }
    }
    const picture = pen?.getImageData(0, 0, canvas.width, canvas.height);
    if (!picture) return;
    let text: string;
    try {
      text = decodeQR(picture, { timeLimit: 60 });
    } catch {
      return; // no code in sight
    }
    seen(text);
  };
  const again = async (): Promise<void> => {
    if (on && video.videoWidth) await once();
    if (on) setTimeout(() => void again(), PAUSE);
  };
  video.muted = true; // as an attribute it would come too late
  video.srcObject = stream;
  await video.play().catch(() => undefined);
  void again();
  return stop;
};

// Code is what a code or a link says to this app.
type Code = { number: string } | { org: number } | { elsewhere: string };

// meant reads the link on a paper, or the number alone.
export const meant = (text: string): Code | undefined => {
  const bare = /^\s*(\d{4})-?(\d{3})\s*$/.exec(text);
  if (bare) return { number: `${bare[1]}-${bare[2]}` };
  let link: URL;
  try {
    link = new URL(text);
  } catch {
    return undefined;
  }
  if (link.pathname !== "/canvass" || !link.hash) return undefined;
  if (link.origin !== location.origin) return { elsewhere: link.host };
  const own = /^#o(\d+)$/.exec(link.hash);
  return own ? { org: Number(own[1]) } : { number: link.hash.replace(/[^\d-]/g, "") };
};

// signal lets people feel and hear how it went without looking.
const signal = (good: boolean): void => {
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(good ? 80 : [60, 60, 60]);
  try {
    const sound = new AudioContext();
    const tone = sound.createOscillator();
    tone.frequency.value = good ? 880 : 220;
    tone.connect(sound.destination);
    tone.start();
    tone.stop(sound.currentTime + (good ? 0.08 : 0.25));
    tone.onended = () => void sound.close();
  } catch {
    // no sound: the words stand on the screen
  }
};

// taken hands a whole parcel to the app and returns what to say about it.
const taken = async (app: App, parcel: Bytes): Promise<[good: boolean, words: string]> => {
  try {
    const r = await app.carry(parcel);
    return [true, r ? n(r.held, "%s answer of another phone is on the server now.", "%s answers of another phone are on the server now.") : t("Answers of another phone are on this phone now, sealed. They go up by themselves when there is signal.")];
  } catch (e) {
    return [false, said(e)];
  }
};

export const scan = (app: App): Screen => {
  const video = h("video", { playsinline: true, "aria-hidden": "true" });
  const frame = h("div.camera", {}, video);
  const line = h("p.ask", { role: "status" }, t("Hold the code inside the frame."));
  const say = (words: string): void => {
    if (line.textContent !== words) line.textContent = words;
  };
  const gathering = new Gathering();
  let done = false; // one code is enough; a parcel may be followed by another
  let stop: (() => void) | undefined;
  let gone = false;
  let told = "";

  const refuse = (words: string): void => {
    signal(false);
    say(words);
  };
  const carry = async (parcel: Bytes): Promise<void> => {
    const [good, words] = await taken(app, parcel);
    signal(good);
    say(words);
  };
  const seen = (text: string): void => {
    if (done || gone || !text) return;
    if (gathering.add(text)) {
      if (gathering.have < gathering.count) return say(t("%s of %s pieces. Hold still.", gathering.have, gathering.count));
      if (told === text) return;
      told = text;
      void gathering.whole().then((parcel) => parcel && carry(parcel));
      return;
    }
    if (told === text) return; // still in sight, and what was said about it stands
    told = text;
    const code = meant(text);
    if (!code) return refuse(t("This code is of something else. Look for the one on the turf's paper, or on another phone under “Hand over to a nearby phone”."));
    if ("elsewhere" in code) return refuse(t("This code belongs to another site, %s. Open it there.", code.elsewhere));
    done = true;
    signal(true);
    if ("number" in code) app.invitation = code.number;
    else app.org = code.org;
    const view = app.vault.isOpen ? "join" : "start";
    app.backTo(view, { view });
  };
  const open = async (file: File): Promise<void> => {
    const parcel = file.size <= LARGEST ? fromLetter(await file.text()) : undefined;
    if (parcel) await carry(parcel);
    else refuse(t("This file was not saved by “Hand over to a nearby phone”."));
  };
  const begin = async (): Promise<void> => {
    try {
      const end = await look(video, seen);
      if (gone) end();
      else stop = end;
    } catch (e) {
      frame.hidden = true;
      const denied = e instanceof DOMException && e.name === "NotAllowedError";
      say(denied ? t("The camera is not allowed here. Allow it in the browser's settings for this page, or type the list number.") : t("No camera can be used here. Type the list number, or open a file that another phone saved."));
    }
  };
  const file = h("input", { type: "file", id: "letter", accept: ".txt,text/plain", hidden: true, on: { change: () => file.files?.[0] && void open(file.files[0]) } });
  return {
    title: t("Scan a code"),
    sub: app.who?.name ?? app.site.name,
    bare: true,
    body: [frame, line, h("p.hint", {}, t("The code on the turf's paper, or on another phone that hands its answers over."))],
    thumb: [file, button("button.btn.wide", () => file.click(), [icon("doc"), t("Open a file from another phone")])],
    shown: () => void begin(),
    left: () => {
      gone = true;
      stop?.();
    },
  };
};
