// The keys of the builder. Single letters act only inside it, never while one types, and can be turned off.

interface Acts {
  undo: () => void;
  redo: () => void;
  find: () => HTMLInputElement | null;
}

const stored = "list-keys";

const typing = (el: Element | null): boolean =>
  !!el && (el.matches("textarea, select, [contenteditable]") || (el instanceof HTMLInputElement && !["checkbox", "radio", "range", "button", "submit"].includes(el.type)));

export const listen = (form: HTMLFormElement, acts: Acts): void => {
  const keys = form.querySelector<HTMLDialogElement>("#keys");
  const on = form.querySelector<HTMLInputElement>("#keys-on");
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

  const options = (): HTMLInputElement[] => [...form.querySelectorAll<HTMLInputElement>("#panel :is(.opt, .elections) input")].filter((x) => x.offsetParent !== null);

  const move = (by: number): boolean => {
    const all = options();
    const i = all.indexOf(document.activeElement as HTMLInputElement);
    if (i < 0) return false;
    all[i + by]?.focus();
    return true;
  };

  const letter = (key: string): boolean => {
    switch (key) {
      case "/": {
        const f = acts.find();
        f?.focus();
        f?.select();
        return true;
      }
      case "n": {
        const x = document.activeElement?.closest(".opt")?.querySelector<HTMLButtonElement>(".x");
        x?.click();
        return !!x;
      }
      case "u":
        acts.undo();
        return true;
      case "r":
        acts.redo();
        return true;
      case "s": {
        const name = form.querySelector<HTMLInputElement>("#name");
        if (name && !name.value.trim()) name.focus();
        else form.querySelector<HTMLButtonElement>("[data-save]")?.click();
        return true;
      }
      case "?":
        keys?.showModal();
        return true;
    }
    if (!/^[1-9]$/.test(key)) return false;
    const to = form.querySelector<HTMLElement>(`#step-${key} button`);
    to?.focus();
    to?.scrollIntoView({ block: "nearest" });
    return !!to;
  };

  document.addEventListener(
    "keydown",
    (e) => {
      const at = document.activeElement;
      if (at !== document.body && !form.contains(at)) return;
      if (keys?.open || document.querySelector(".bigmap")) return;
      const mod = e.ctrlKey || e.metaKey;
      let done = false;
      if (mod && !e.altKey && e.key.toLowerCase() === "z" && !typing(at)) {
        if (e.shiftKey) acts.redo();
        else acts.undo();
        done = true;
      } else if (mod || e.altKey) {
        return;
      } else if (e.key === "Escape") {
        const f = acts.find();
        if (f && at === f && f.value) {
          f.value = "";
          f.dispatchEvent(new Event("input", { bubbles: true }));
        }
        form.querySelector<HTMLElement>("#sentence a, h1")?.focus();
        done = true;
      } else if (e.key === "ArrowDown" || e.key === "ArrowUp") {
        done = move(e.key === "ArrowDown" ? 1 : -1);
      } else if (letters && !typing(at)) {
        done = letter(e.key);
      }
      if (done) {
        e.preventDefault();
        e.stopImmediatePropagation(); // the bar has a key of its own for its search
      }
    },
    true,
  );
};
