// A sheet as the module says it, and the same elements for it that the server writes. A test compares the two.

export interface Tick {
  path: string;
  x: string;
  y: string;
  label: string;
  dotx: string;
  doty: string;
}

export interface Table {
  title: string;
  note: string;
  narrow: boolean;
  columns: string[];
  rows: string[][];
}

export interface Sheet {
  finding: string;
  figures: { label: string; value: string; context: string }[];
  full: boolean;
  chart: { title: string; line: string; area: string; levels: Tick[]; marks: Tick[]; at: Tick | null };
  tables: Table[];
  limits: string;
  unsaid: string[];
}

type Attrs = Record<string, string>;

const fill = <E extends Element>(e: E, attrs: Attrs, inside: (Node | string)[]): E => {
  for (const [k, v] of Object.entries(attrs)) e.setAttribute(k, v);
  e.append(...inside);
  return e;
};

const el = (tag: string, attrs: Attrs, ...inside: (Node | string)[]): Element => fill(document.createElement(tag), attrs, inside);

const svg = (tag: string, attrs: Attrs, ...inside: (Node | string)[]): Element => fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attrs, inside);

const over = (title: string): Element => el("div", { class: "over" }, el("h2", {}, title));

const region = (label: string, inside: Element): Element => el("div", { class: "wrap", tabindex: "0", role: "region", "aria-label": label }, inside);

const curve = (s: Sheet): Element => {
  const c = s.chart;
  const drawing = svg("svg", { class: "chart broad", viewBox: "0 0 720 300", role: "img", "aria-label": s.finding }, svg("title", {}, s.finding), svg("path", { d: c.area, fill: "#82b4c9", opacity: "0.35" }));
  for (const l of c.levels) drawing.append(svg("path", { d: l.path, stroke: "#c6cacd", "stroke-width": "1" }), svg("text", { x: l.x, y: l.y, "text-anchor": "end" }, l.label));
  drawing.append(svg("path", { d: c.line, fill: "none", stroke: "#07648d", "stroke-width": "2.5", "stroke-linejoin": "round" }));
  for (const m of c.marks) drawing.append(svg("path", { d: m.path, stroke: "#8d9297" }), svg("text", { x: m.x, y: m.y, "text-anchor": "middle" }, m.label));
  if (c.at)
    drawing.append(
      svg("path", { d: c.at.path, stroke: "#07648d", "stroke-dasharray": "4 4" }),
      svg("circle", { cx: c.at.dotx, cy: c.at.doty, r: "5", fill: "#07648d" }),
      svg("text", { class: "k", x: c.at.x, y: c.at.y }, c.at.label),
    );
  return region(c.title, drawing);
};

const table = (t: Table): Element => {
  const head = t.columns.map((label, i) => el("th", { scope: "col", class: i > 0 ? "n" : "" }, label));
  const rows = t.rows.map((row) => el("tr", {}, ...row.map((cell, i) => (i === 0 ? el("th", { scope: "row" }, cell) : el("td", { class: "n", "data-l": t.columns[i] ?? "" }, cell)))));
  const whole = el("table", { class: t.narrow ? "tbl fold one" : "tbl fold" }, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...rows));
  return el("section", { class: "stack-2" }, over(t.title), ...(t.note ? [el("p", { class: "s mute" }, t.note)] : []), region(t.title, whole));
};

// elements are what a sheet is shown as; tooLittle is the warning that a sample is no less work.
export const elements = (s: Sheet, tooLittle: DocumentFragment): Node[] => [
  el("p", {}, s.finding),
  el("dl", { class: "figs big" }, ...s.figures.map((f) => el("div", {}, el("dt", {}, f.label), el("dd", {}, f.value), ...(f.context ? [el("dd", { class: "s" }, f.context)] : [])))),
  ...(s.full ? [tooLittle] : []),
  el("section", { class: "stack-2" }, over(s.chart.title), curve(s)),
  ...s.tables.map(table),
  el("section", { class: "stack-2" }, over(s.limits), ...s.unsaid.map((said) => el("p", { class: "m" }, said))),
];
