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

// A form is sent once, however often its button is pressed. An answer that leaves the page standing, such as a
// download, gives the buttons back after a while.
const sending = 5_000;

const buttonsOf = (f: ParentNode): HTMLButtonElement[] => [...f.querySelectorAll<HTMLButtonElement>("button:not([type=button])")];

const giveBack = (buttons: HTMLButtonElement[]): void => {
  for (const b of buttons) {
    b.disabled = false;
    b.removeAttribute("aria-busy");
  }
};

document.addEventListener("submit", (e) => {
  const form = e.target as HTMLFormElement;
  if (e.defaultPrevented || form.method !== "post") return;
  // After this event, so that the button's own name and value are still sent.
  setTimeout(() => {
    const buttons = buttonsOf(form).filter((b) => !b.disabled);
    for (const b of buttons) b.disabled = true;
    (e as SubmitEvent).submitter?.setAttribute("aria-busy", "true");
    setTimeout(() => giveBack(buttons), sending);
  });
});

// Back in the history shows the page as it was left: with its buttons.
addEventListener("pageshow", (e) => {
  if (e.persisted) giveBack(buttonsOf(document).filter((b) => b.hasAttribute("aria-busy")));
});

export {};
