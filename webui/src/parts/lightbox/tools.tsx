import { Menu } from "@base-ui/react/menu";
import { type ReactNode, useRef, useState } from "react";
import type { Item } from "@/api/client";
import { downloadOf, streamOf } from "@/api/media";
import { texts } from "@/i18n";
import { photos as english } from "@/i18n/en/photos";
import * as Icon from "../icons";
import { bytes } from "../words";
import { copyName, plainCopy, save } from "./plain-copy";
import { isStill } from "./slide";

const t = texts("photos", english);

const LOOK =
  "inline-grid size-11 shrink-0 place-items-center rounded-full text-white transition-colors hover:bg-white/20 disabled:opacity-40 aria-pressed:bg-white/20 data-popup-open:bg-white/20 [&_svg]:size-5 focus-visible:outline-white";

/** A round button over a picture, white on black in both themes. */
export function Tool({
  label,
  pressed,
  disabled,
  run,
  className = "",
  children,
}: {
  label: string;
  pressed?: boolean;
  disabled?: boolean;
  run: () => void;
  className?: string;
  children: ReactNode;
}) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      aria-pressed={pressed}
      disabled={disabled}
      onClick={run}
      className={`${LOOK} ${className}`}
    >
      {children}
    </button>
  );
}

const ENTRY =
  "grid min-h-11 cursor-pointer gap-0.5 rounded-sm px-3 py-2 text-start outline-none data-highlighted:bg-hover";

/** The file as it was sent, or a copy that holds nothing but the picture. */
export function Downloads({ item, say }: { item: Item; say: (words: string) => void }) {
  const place = useRef<HTMLSpanElement>(null);
  const [open, setOpen] = useState(false);
  const plain = async () => {
    say(t.making);
    try {
      const { blob, ending } = await plainCopy(streamOf(item));
      save(blob, copyName(item.name, ending));
      say(t.saved);
    } catch {
      say(t.notMade);
    }
  };
  return (
    <span ref={place} className="contents">
      <Menu.Root modal={false} open={open} onOpenChange={setOpen}>
        <Menu.Trigger aria-label={t.download} title={t.download} className={LOOK}>
          <Icon.Download aria-hidden />
        </Menu.Trigger>
        <Menu.Portal container={place}>
          <Menu.Positioner sideOffset={8} align="end" className="z-10">
            <Menu.Popup className="w-72 rounded-md bg-raised p-1.5 text-text shadow-(--shadow) outline-none">
              <Menu.Item
                className={ENTRY}
                render={
                  <a href={downloadOf(item)} download={item.name}>
                    {null}
                  </a>
                }
              >
                <span className="font-medium">{t.original}</span>
                <span className="text-sm text-muted">{t.originalWhy(bytes(item.size))}</span>
              </Menu.Item>
              {isStill(item) && (
                <Menu.Item className={ENTRY} onClick={() => void plain()}>
                  <span className="font-medium">{t.plain}</span>
                  <span className="text-sm text-muted">{t.plainWhy}</span>
                </Menu.Item>
              )}
            </Menu.Popup>
          </Menu.Positioner>
        </Menu.Portal>
      </Menu.Root>
    </span>
  );
}
