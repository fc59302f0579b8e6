import { texts } from "@/i18n";
import { settings as english } from "@/i18n/en/settings";
import { Panel } from "@/parts/panel";

const t = texts("settings", english);

const KEYS: readonly (readonly [readonly string[], string])[] = [
  [["↑", "↓", "←", "→"], t.keyArrows],
  [["Enter"], t.keyEnter],
  [["Backspace"], t.keyBack],
  [["/", "Ctrl K"], t.keySearch],
  [["K", "Space"], t.keyPlay],
  [["J", "L"], t.keySeek],
  [["F"], t.keyFull],
  [["C"], t.keyCaptions],
  [["M"], t.keyMute],
  [["<", ">"], t.keySpeed],
  [["N"], t.keyNext],
  [["?"], t.keyHelp],
];

/** The keys of the page and of the player. */
export function KeyboardPanel() {
  return (
    <Panel title={t.keyboard}>
      <dl className="grid gap-2.5">
        {KEYS.map(([keys, words]) => (
          <div key={words} className="grid grid-cols-[9.5rem_1fr] items-center gap-3">
            <dt dir="ltr" className="flex flex-wrap gap-1 rtl:justify-end">
              {keys.map((key) => (
                <kbd
                  key={key}
                  className="min-w-8 rounded-sm bg-raised px-2 py-0.5 text-center font-sans text-sm whitespace-nowrap"
                >
                  {key}
                </kbd>
              ))}
            </dt>
            <dd className="text-muted">{words}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}
