import { useRef, useState } from "react";
import type { Version } from "@/api/client";
import { texts } from "@/i18n";
import { work as english } from "@/i18n/en/work";
import * as Icon from "@/parts/icons";
import { Menu, MenuChoice } from "@/parts/menu";
import { bestCut, type Cut, numberOf, type Unit } from "@/parts/next-to-play";
import { Told } from "@/parts/told";
import { versionName, wayName } from "./describe";

const t = texts("work", english);

/** Which version Play plays: the best that plays here is chosen; each says how it plays, or why it does not. */
export function VersionPicker({
  unit,
  cut,
  reading,
  choose,
}: {
  unit: Unit<Version>;
  cut: Cut<Version>;
  reading: boolean;
  choose: (cut: Cut<Version>) => void;
}) {
  const [open, show] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const way = wayName(cut, reading);
  const close = () => {
    show(false);
    button.current?.focus({ preventScroll: true });
  };
  if (unit.cuts.length < 2) {
    return (
      <p className="text-muted">
        <Told parts={[versionName(cut), <Way key="way" {...way} />]} />
      </p>
    );
  }
  const best = bestCut(unit.cuts);
  const label = numberOf(unit) ? t.versionsOf(numberOf(unit)) : t.versions;
  return (
    <>
      <button
        ref={button}
        type="button"
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={() => show(!open)}
        className="-ms-3 inline-flex min-h-11 w-fit max-w-full items-center gap-2 rounded-md px-3 text-start text-muted hover:bg-hover hover:text-text [&_svg]:size-4 [&_svg]:shrink-0"
      >
        <span className="sr-only">{label}: </span>
        <span className="line-clamp-2 wrap-anywhere">
          <Told parts={[versionName(cut), way.name]} />
        </span>
        <Icon.ChevronDown aria-hidden />
      </button>
      {open && button.current && (
        <Menu anchor={button.current} label={label} title={label} close={close}>
          {unit.cuts.map((one) => (
            <MenuChoice
              key={one.parts[0].file_unique_id}
              chosen={one === cut}
              run={() => {
                choose(one);
                close();
              }}
            >
              <span className="min-w-0">
                <span className="block wrap-anywhere">
                  <bdi>{versionName(one)}</bdi>
                  {one === best && (
                    <span className="ms-2 inline-block rounded-sm bg-accent px-1.5 text-xs text-accent-ink">
                      {t.best}
                    </span>
                  )}
                </span>
                <span className="block text-sm text-muted">
                  <Way {...wayName(one, reading)} />
                </span>
              </span>
            </MenuChoice>
          ))}
        </Menu>
      )}
    </>
  );
}

/** How a version plays; the reason stands behind it. */
export const Way = ({ name, why }: { name: string; why: string }) => (
  <>
    {name}
    {why && <span className="text-muted">: {why}</span>}
  </>
);
