// <div data-live="/path"> shows what the server sends there (web.Events). What is the same stays as it is, so focus, selected text and what is scrolled stay
// too; rows that come and go have a data-key. When the stream cannot be had, the page asks for itself again every few seconds instead.

import { morph } from "./_morph";

const again = 5_000;

for (const el of document.querySelectorAll<HTMLElement>("[data-live]")) {
  const stream = new EventSource(el.dataset["live"]!);
  let heard = false;
  stream.addEventListener("show", (e) => {
    heard = true;
    const next = el.cloneNode() as HTMLElement;
    next.innerHTML = (e as MessageEvent<string>).data; // made by the same templates as the page, escaped there
    morph(el, next, { dirty: new Set(document.activeElement ? [document.activeElement] : []) }); // what is being typed is newer
  });
  stream.addEventListener("done", () => {
    stream.close();
    location.reload();
  });
  stream.addEventListener("error", () => {
    if (heard && stream.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
    stream.close();
    setTimeout(() => location.reload(), again);
  });
  addEventListener("pagehide", () => stream.close());
}
