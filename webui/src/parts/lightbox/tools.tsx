import { type ReactNode, useRef, useState } from "react";
import type { Item } from "@/api/client";
import { downloadOf, streamOf } from "@/api/media";
import { texts } from "@/i18n";
import { photos as english } from "@/i18n/en/photos";
import * as Icon from "../icons";
import { Menu, MenuEntry, MenuLink } from "../menu";
import { bytes, heading } from "../words";
import { copyName, plainCopy, save } from "./plain-copy";
import { isStill } from "./slide";

const t = texts("photos", english);

const LOOK =
  "inline-grid size-11 shrink-0 place-items-center rounded-full text-white transition-colors hover:bg-white/20 disabled:opacity-40 aria-pressed:bg-white/20 aria-expanded:bg-white/20 [&_svg]:size-5 focus-visible:outline-white";

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

/** The file as it was sent, or a copy that holds nothing but the picture. */
export function Downloads({ item, say }: { item: Item; say: (words: string) => void }) {
  const button = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  const plain = async () => {
    close();
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
    <>
      <button
        ref={button}
        type="button"
        aria-label={t.download}
        title={t.download}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className={LOOK}
      >
        <Icon.Download aria-hidden />
      </button>
      {open && button.current && (
        <Menu anchor={button.current} label={t.download} title={heading(item)} close={close}>
          <MenuLink icon={<Icon.Photo aria-hidden />} href={downloadOf(item)} download run={close}>
            <Two name={t.original} why={t.originalWhy(bytes(item.size))} />
          </MenuLink>
          {isStill(item) && (
            <MenuEntry icon={<Icon.Safe aria-hidden />} run={() => void plain()}>
              <Two name={t.plain} why={t.plainWhy} />
            </MenuEntry>
          )}
        </Menu>
      )}
    </>
  );
}

const Two = ({ name, why }: { name: string; why: string }) => (
  <span className="grid">
    <span className="font-medium">{name}</span>
    <span className="text-sm text-muted">{why}</span>
  </span>
);
