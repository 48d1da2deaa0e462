// Rows of the grid are recorded when somebody leaves them. Without this script the buttons below record the page.

const form = document.querySelector<HTMLFormElement>("#grid");

const changed = (row: HTMLElement): HTMLElement[] => [...row.querySelectorAll<HTMLSelectElement | HTMLInputElement>("select, input:not([type=hidden])")].filter((i) => (i instanceof HTMLSelectElement ? i.value !== "" : i.checked));

// Each saving has an id of its own: sent again after a lost answer it is recorded once.
const pending = new WeakMap<HTMLElement, string>();
const newID = (): string => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");

const save = async (row: HTMLElement): Promise<void> => {
  const filled = changed(row);
  if (!form || filled.length === 0) return;
  const id = pending.get(row) ?? newID();
  pending.set(row, id);
  const body = new URLSearchParams({ sheet: id, day: form.querySelector<HTMLInputElement>("[name=day]")?.value ?? "", who: form.querySelector<HTMLSelectElement>("[name=who]")?.value ?? "" });
  for (const i of row.querySelectorAll<HTMLInputElement>("[type=hidden]")) body.set(i.name, i.value);
  for (const i of filled as (HTMLSelectElement | HTMLInputElement)[]) body.set(i.name, i.value);
  const said = filled.map((i) => (i instanceof HTMLSelectElement ? i.selectedOptions[0]?.text : "✓")).join(" · ");
  const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
  if (!answer.ok) return; // it stays filled in, and the buttons below say what is wrong
  pending.delete(row);
  for (const i of filled) {
    if (i instanceof HTMLSelectElement) i.value = "";
    else (i as HTMLInputElement).checked = false;
  }
  const cell = row.querySelector<HTMLElement>("[data-saved]");
  if (cell) cell.textContent = `${cell.dataset["saved"] ?? ""}: ${said}`;
};

form?.addEventListener("focusout", (e) => {
  const row = (e.target as HTMLElement).closest<HTMLElement>("[data-row]");
  const to = e.relatedTarget as HTMLElement | null;
  if (row && !row.contains(to) && !(to instanceof HTMLButtonElement)) void save(row).catch(() => undefined);
});

export {};
