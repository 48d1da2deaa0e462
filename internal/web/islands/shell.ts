// What the shell does better with script: menus that close, a key for the search, focus where the news is.

const menus = document.querySelectorAll<HTMLDetailsElement>(".top details.menu");

document.addEventListener("click", (e) => {
  for (const m of menus) if (m.open && !m.contains(e.target as Node)) m.open = false;
});

document.addEventListener("keydown", (e) => {
  if (e.key === "Escape") {
    for (const m of menus) {
      if (!m.open) continue;
      m.open = false;
      m.querySelector("summary")?.focus();
    }
    return;
  }
  const at = e.target as HTMLElement;
  if (e.key !== "/" || e.ctrlKey || e.metaKey || e.altKey || at.matches("input, textarea, select, [contenteditable]")) return;
  const find = document.querySelector<HTMLInputElement>("#find");
  if (!find || find.offsetParent === null) return;
  e.preventDefault();
  find.focus();
  find.select();
});

// A form that came back: its summary is the first thing to read.
document.querySelector<HTMLElement>("#faults")?.focus();

// A form is sent once, however often its button is pressed.
document.addEventListener("submit", (e) => {
  const form = e.target as HTMLFormElement;
  if (e.defaultPrevented || form.method !== "post") return;
  const button = (e as SubmitEvent).submitter;
  // After this event, so that the button's own name and value are still sent.
  setTimeout(() => {
    for (const b of form.querySelectorAll<HTMLButtonElement>("button:not([type=button])")) b.disabled = true;
    button?.setAttribute("aria-busy", "true");
  });
});

// Back in the history shows the page as it was left: with its buttons.
addEventListener("pageshow", (e) => {
  if (!e.persisted) return;
  for (const b of document.querySelectorAll<HTMLButtonElement>("form button:disabled")) {
    b.disabled = false;
    b.removeAttribute("aria-busy");
  }
});

export {};
