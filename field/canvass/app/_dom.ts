// Elements without a framework.

export type Kid = Node | string | false | undefined | null;

type Props = Record<string, unknown> & { on?: Record<string, (e: never) => void> };

// h makes an element: h("button.btn.go", {on: {click}}, "Save").
export const h = <K extends keyof HTMLElementTagNameMap>(tag: K | `${K}.${string}`, props: Props = {}, ...kids: Kid[]): HTMLElementTagNameMap[K] => {
  const [name, ...classes] = tag.split(".");
  const e = document.createElement(name as K);
  if (classes.length) e.className = classes.join(" ");
  const { on, ...attributes } = props;
  for (const [k, v] of Object.entries(attributes)) {
    if (v === false || v === undefined || v === null) continue;
    e.setAttribute(k, v === true ? "" : String(v));
  }
  for (const [k, f] of Object.entries(on ?? {})) e.addEventListener(k, f as EventListener);
  put(e, kids);
  return e;
};

export const put = (e: Element, kids: Kid[]): void => {
  e.append(...kids.filter((k) => k !== false && k !== undefined && k !== null));
};

// icon draws one of the icons that the page came with.
export const icon = (name: string): SVGElement => {
  const ns = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(ns, "svg");
  svg.setAttribute("class", "i");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(ns, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
};

// button is verb and noun; with press it stays pressed while something holds.
export const button = (tag: `button${"" | `.${string}`}`, click: () => unknown, kids: Kid[], props: Props = {}): HTMLButtonElement =>
  h(tag, { type: "button", ...props, on: { click: () => void click() } }, ...kids);

let ids = 0;

export interface Field {
  box: HTMLElement;
  value: () => string;
  fault: (say: string) => void;
}

// field is one input with its label above, a hint under it, and what is wrong between them.
export const field = (label: string, o: { value?: string; hint?: string; type?: string; mode?: string; max?: number; lines?: number; complete?: string } = {}): Field => {
  const id = `f${++ids}`;
  const props = { id, maxlength: o.max ?? 200, autocomplete: o.complete ?? "off", "aria-describedby": o.hint && `${id}h` };
  const input = o.lines ? h("textarea", { ...props, rows: o.lines }) : h("input", { ...props, type: o.type ?? "text", inputmode: o.mode });
  input.value = o.value ?? "";
  const wrong = h("p.fault", { id: `${id}w`, hidden: true });
  const box = h("div.field", {}, h("label", { for: id }, label), !!o.hint && h("p.hint", { id: `${id}h` }, o.hint), wrong, input);
  const fault = (say: string): void => {
    wrong.textContent = say;
    wrong.hidden = !say;
    box.classList.toggle("wrong", say !== "");
    input.setAttribute("aria-invalid", String(say !== ""));
    input.setAttribute("aria-describedby", [o.hint && `${id}h`, say && `${id}w`].filter(Boolean).join(" "));
    if (say) input.focus();
  };
  return { box, value: () => input.value.trim(), fault };
};
