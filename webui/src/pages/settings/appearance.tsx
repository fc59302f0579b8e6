import { useState } from "react";
import { chooseTheme, theme } from "@/app/theme";
import { chooseLanguage, current, LANGUAGES, type Language, texts } from "@/i18n";
import { settings as english } from "@/i18n/en/settings";
import { Pick } from "@/pages/manage/pick";
import { Panel } from "@/parts/panel";

const t = texts("settings", english);

/** Colours and language of the page. */
export function Appearance() {
  const [shown, show] = useState(theme);
  return (
    <Panel title={t.appearance}>
      <div className="grid gap-2">
        <p aria-hidden className="text-sm text-muted">
          {t.theme}
        </p>
        <Pick
          label={t.theme}
          value={shown}
          set={(next) => {
            chooseTheme(next);
            show(next);
          }}
          options={[
            ["auto", t.themeAuto],
            ["dark", t.themeDark],
            ["light", t.themeLight],
          ]}
        />
      </div>
      <div className="grid gap-2">
        <p aria-hidden className="text-sm text-muted">
          {t.language}
        </p>
        <Pick<Language>
          label={t.language}
          value={current()}
          set={chooseLanguage}
          options={[
            ["en", LANGUAGES.en],
            ["ar", LANGUAGES.ar],
          ]}
        />
      </div>
    </Panel>
  );
}
