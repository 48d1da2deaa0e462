// Sentences, numbers and times in the reader's language. The English sentence is the key, as everywhere in the house.

export type Lang = "en" | "es";

let lang: Lang = "en";
let spanish: Record<string, string> = {};

export const speak = (l: Lang): void => {
  lang = l;
};

export const learn = (es: Record<string, string>): void => {
  spanish = es;
};

export const t = (english: string, ...args: (string | number)[]): string => {
  let i = 0;
  return ((lang === "es" && spanish[english]) || english).replace(/%s/g, () => String(args[i++] ?? ""));
};

export const number = (n: number): string => n.toLocaleString("en-US"); // US Spanish writes them so too

// n chooses between one and many and fills in the number.
export const n = (count: number, one: string, many: string): string => t(count === 1 ? one : many, number(count));

export const clock = (ms: number): string => {
  const d = new Date(ms);
  const half = d.getHours() < 12;
  const at = `${d.getHours() % 12 || 12}:${String(d.getMinutes()).padStart(2, "0")}`;
  return lang === "es" ? `${at} ${half ? "a. m." : "p. m."}` : `${at} ${half ? "am" : "pm"}`;
};

// day writes a day with its weekday; the year only when it is not this one.
export const day = (ms: number): string => {
  const d = new Date(ms);
  const year = d.getFullYear() === new Date().getFullYear() ? {} : ({ year: "numeric" } as const);
  const part = (o: Intl.DateTimeFormatOptions): string => d.toLocaleDateString(lang === "es" ? "es-US" : "en-US", o).replace(".", "");
  const [weekday, month] = [part({ weekday: "short" }), part({ month: "short" })];
  const y = "year" in year ? ` ${d.getFullYear()}` : "";
  return lang === "es" ? `${weekday}, ${d.getDate()} ${month}${y}` : `${weekday}, ${month} ${d.getDate()}${y && `,${y}`}`;
};

// when is the time of day today, and the day before that.
export const when = (ms: number): string => (new Date(ms).toDateString() === new Date().toDateString() ? clock(ms) : `${day(ms)}, ${clock(ms)}`);

export const minutes = (m: number): string => (m < 60 ? `${m} min` : `${Math.floor(m / 60)} h ${m % 60} min`);

export const metres = (m: number): string => (m < 1000 ? `${Math.round(m / 10) * 10} m` : `${(m / 1000).toFixed(1)} km`);

export const bytes = (b: number): string => (b < 1e6 ? `${Math.ceil(b / 1e3)} kB` : `${(b / 1e6).toFixed(1)} MB`);
