// The phone beside a script answers at once, and says what is being typed. Without this script each button asks for a new page.

const preview = (): HTMLElement | null => document.querySelector("#preview");

const parts = ["#preview", "#publish", "input[name=mark]"];

// A page brings only the icons it uses: those of the new parts may be missing here.
const takeIcons = (page: Document): void => {
  const here = document.querySelector("body > svg.hide");
  for (const s of page.querySelectorAll("body > svg.hide > symbol")) if (here && !document.getElementById(s.id)) here.append(s);
};

// show takes over from a page what may have changed; what is being typed stays.
const show = (page: Document, pressed: string): void => {
  takeIcons(page);
  for (const part of parts) {
    const now = document.querySelector(part);
    const next = page.querySelector(part);
    if (now && next) now.replaceWith(next);
  }
  preview()?.querySelector<HTMLButtonElement>(`button[value="${CSS.escape(pressed)}"]`)?.focus();
};

document.addEventListener("submit", (e) => {
  const button = e.submitter as HTMLButtonElement | null;
  const form = e.target as HTMLFormElement;
  if (!button || !button.closest("#preview") || form.dataset["plain"]) return;
  e.preventDefault();
  const body = new URLSearchParams();
  for (const [k, v] of new FormData(form, button)) if (typeof v === "string") body.append(k, v);
  const post = form.method === "post";
  const at = form.getAttribute("action") ?? "";
  const url = post ? at : `${location.pathname}?${body}`;
  fetch(url, post ? { method: "POST", body } : {})
    .then(async (answer) => {
      if (!answer.ok) throw new Error(String(answer.status));
      show(new DOMParser().parseFromString(await answer.text(), "text/html"), button.value);
      history.replaceState(null, "", answer.url.replace(/#.*/, ""));
    })
    .catch(() => {
      form.dataset["plain"] = "1"; // let the browser show what is wrong
      form.requestSubmit(button);
    });
});

document.addEventListener("input", (e) => {
  const box = (e.target as Element).closest<HTMLTextAreaElement>("textarea[data-say]");
  const phone = preview();
  const said = phone?.querySelector<HTMLElement>(`[data-step="${CSS.escape(box?.dataset["say"] ?? "")}"]`);
  if (!box || !phone || !said || phone.querySelector<HTMLInputElement>("input[name=say]")?.value !== box.lang) return;
  said.lang = box.lang;
  said.textContent = box.value.replace(/\{(first|last|canvasser)\}/g, (_, name: string) => phone.querySelector(`[data-name="${name}"]`)?.textContent ?? "");
});

for (const b of document.querySelectorAll<HTMLButtonElement>("[data-print]")) {
  b.hidden = false;
  b.addEventListener("click", () => print());
}

export {};
