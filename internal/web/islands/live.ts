// <div data-live="/path"> shows what the server sends there (web.Events). When the stream cannot be had,
// the page asks for itself again every few seconds instead.

const again = 5_000;

for (const el of document.querySelectorAll<HTMLElement>("[data-live]")) {
  const stream = new EventSource(el.dataset["live"]!);
  let heard = false;
  stream.addEventListener("show", (e) => {
    heard = true;
    el.innerHTML = (e as MessageEvent<string>).data; // made by the same templates as the page, escaped there
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

export {};
