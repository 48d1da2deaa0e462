// The keys of the map. Single letters act only on this page, never while one types, and can be turned off.
const stored = "turf-keys";

const typing = (el: Element | null): boolean =>
  !!el && (el.matches("textarea, select, [contenteditable]") || (el instanceof HTMLInputElement && !["checkbox", "radio", "range", "button", "submit"].includes(el.type)));

export const listen = (root: HTMLElement, acts: Record<string, () => void>): void => {
  const keys = document.querySelector<HTMLDialogElement>("#keys");
  const on = keys?.querySelector<HTMLInputElement>("#keys-on");
  let letters = true;
  try {
    letters = localStorage.getItem(stored) !== "off";
  } catch {
    // no storage: the keys stay on
  }
  if (on) {
    on.checked = letters;
    on.addEventListener("change", () => {
      letters = on.checked;
      try {
        localStorage.setItem(stored, letters ? "on" : "off");
      } catch {
        // as above
      }
    });
  }
  root.addEventListener("click", (e) => {
    if ((e.target as Element).closest("[data-keys]")) keys?.showModal();
  });
  document.addEventListener(
    "keydown",
    (e) => {
      const at = document.activeElement;
      if (keys?.open || (at !== document.body && !root.contains(at)) || typing(at)) return;
      const mod = e.ctrlKey || e.metaKey;
      const undo = mod && !e.altKey && e.key.toLowerCase() === "z";
      let act: (() => void) | undefined;
      if (undo) act = acts[e.shiftKey ? "r" : "u"];
      else if (mod || e.altKey) return;
      else if (e.key === "?") act = () => keys?.showModal();
      else if (e.key === "Escape" || letters) act = acts[e.key];
      if (!act) return;
      act();
      e.preventDefault();
      e.stopImmediatePropagation();
    },
    true,
  );
};
