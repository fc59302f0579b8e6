import { chooseLanguage, current, LANGUAGES, type Language } from "@/i18n";

/** The languages of the page, each in its own words: somebody who cannot read this one finds theirs. */
export function LanguageChoice() {
  return (
    <ul className="flex flex-wrap gap-2">
      {Object.entries(LANGUAGES).map(([code, name]) => (
        <li key={code}>
          <button
            type="button"
            lang={code}
            aria-current={code === current() || undefined}
            onClick={() => chooseLanguage(code as Language)}
            className="min-h-11 rounded-full px-4 text-muted hover:bg-raised hover:text-text aria-[current]:text-text aria-[current]:underline aria-[current]:underline-offset-4"
          >
            {name}
          </button>
        </li>
      ))}
    </ul>
  );
}
