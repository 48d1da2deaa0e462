// A file input that files can be dropped on, and that says what was chosen.

const size = (n: number): string => (n >= 1e6 ? `${Math.round(n / 1e6).toLocaleString("en-US")} MB` : `${Math.ceil(n / 1e3)} kB`);

for (const area of document.querySelectorAll<HTMLElement>("[data-drop]")) {
  const input = area.querySelector<HTMLInputElement>("input[type=file]")!;
  const said = area.querySelector("output");
  const say = (): void => {
    if (said) said.textContent = [...(input.files ?? [])].map((f) => `${f.name}, ${size(f.size)}`).join(" · ");
  };
  const over = (e: DragEvent): void => {
    if (!e.dataTransfer?.types.includes("Files")) return;
    e.preventDefault();
    area.classList.add("hot");
  };
  area.addEventListener("dragenter", over);
  area.addEventListener("dragover", over);
  area.addEventListener("dragleave", (e) => {
    if (!area.contains(e.relatedTarget as Node | null)) area.classList.remove("hot");
  });
  area.addEventListener("drop", (e) => {
    area.classList.remove("hot");
    const files = e.dataTransfer?.files;
    if (!files?.length) return;
    e.preventDefault();
    input.files = files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
  input.addEventListener("change", say);
}

export {};
