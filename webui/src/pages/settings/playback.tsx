import { locale, texts } from "@/i18n";
import { settings as english } from "@/i18n/en/settings";
import { Check } from "@/pages/manage/check";
import { percent } from "@/pages/manage/numbers";
import { SelectField } from "@/parts/field";
import { Panel } from "@/parts/panel";
import { choices, choose, SIZES } from "@/player/choices";
import { useStore } from "@/player/store";

const t = texts("settings", english);
const CODES = ["en", "ar", "de", "es", "fr", "hi", "it", "ja", "ko", "pt", "ru", "tr", "zh"];

/** What the player does by itself: the same choices that it offers while a film plays. */
export function PlaybackPanel() {
  const chosen = useStore(choices, (all) => all);
  const names = new Intl.DisplayNames(locale(), { type: "language" });
  const languages = (now: string) =>
    [...new Set([now, ...CODES])]
      .filter((code) => code && code !== "off")
      .map((value) => ({ value, name: nameOf(names, value) }));
  return (
    <Panel title={t.playback} lead={t.playbackLead}>
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField
          label={t.sound}
          value={chosen.audio}
          options={[{ value: "", name: t.ofBrowser }, ...languages(chosen.audio)]}
          change={(audio) => choose({ audio })}
        />
        <SelectField
          label={t.subtitles}
          value={chosen.subtitles}
          options={[{ value: "", name: t.asLast }, { value: "off", name: t.off }, ...languages(chosen.subtitles)]}
          change={(subtitles) => choose({ subtitles })}
        />
        <SelectField
          label={t.size}
          value={String(chosen.size)}
          options={SIZES.map((size) => ({ value: String(size), name: percent(size) }))}
          change={(size) => choose({ size: Number(size) })}
        />
      </div>
      <div>
        <Check checked={chosen.autoplay} set={(autoplay) => choose({ autoplay })}>
          {t.autoplay}
        </Check>
        <Check checked={chosen.remaining} set={(remaining) => choose({ remaining })}>
          {t.remaining}
        </Check>
      </div>
    </Panel>
  );
}

function nameOf(names: Intl.DisplayNames, code: string): string {
  try {
    return names.of(code) ?? code;
  } catch {
    return code; // a film may call its language anything
  }
}
