// Texts by area and language. An area's English texts stand in en/, beside the code that shows them in size and load:
// a page brings its own. Another language is loaded as a whole before the first paint.

type Text = string | ((...values: never[]) => string);
export type Texts = Record<string, Text>;
export type Translation<T extends Texts> = { [K in keyof T]: T[K] };
export type Language = "en" | "ar";

export const LANGUAGES: Record<Language, string> = { en: "English", ar: "العربية" };
const STORED = "sv.language";

let language: Language = "en";
let translated: Record<string, Texts> = {};

/** The chosen language, else the first of the browser's that there is, else English. */
export function preferred(): Language {
  const wanted = [stored(), ...navigator.languages].map((tag) => tag?.split("-")[0]);
  return wanted.find((tag): tag is Language => tag !== undefined && tag in LANGUAGES) ?? "en";
}

/** Loads the texts of a language and sets the direction of the document. */
export async function showLanguage(wanted: Language): Promise<void> {
  if (wanted === "ar") translated = (await import("./ar")).ar;
  language = wanted;
  document.documentElement.lang = wanted;
  document.documentElement.dir = wanted === "ar" ? "rtl" : "ltr";
}

/** Keeps the choice and begins anew in that language. */
export function chooseLanguage(wanted: Language): void {
  try {
    localStorage.setItem(STORED, wanted);
  } catch {
    // a browser that keeps nothing stays with its own languages
  }
  location.reload();
}

/** The texts of an area in the language that is shown; English where a translation lacks one. */
export function texts<T extends Texts>(area: string, english: T): T {
  return new Proxy(english, {
    get: (own, name: string) => translated[area]?.[name] ?? own[name],
  });
}

/** The tag for Intl: the browser's own kind of English, and Arabic with the digits that times and sizes are read in. */
export function locale(): string {
  const own = globalThis.navigator?.language ?? "en"; // there is none where modules are tested
  return language === "ar" ? "ar-u-nu-latn" : own.startsWith("en") ? own : "en";
}

export const current = () => language;

const number = () => new Intl.NumberFormat(locale());
export const count = (value: number) => number().format(value);

/** The form of a number's plural, with `#` replaced by the number. */
export function plural(value: number, forms: Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }): string {
  const form = forms[new Intl.PluralRules(language).select(value)] ?? forms.other;
  return form.replaceAll("#", count(value));
}

function stored(): string | null {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null;
  }
}
