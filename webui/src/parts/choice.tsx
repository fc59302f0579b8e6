import { type ReactNode, useCallback, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { count } from "@/i18n";
import * as Icon from "./icons";
import { Menu, MenuChoice } from "./menu";

/** `least`: there are at least as many as `count`. */
export type Option = { value: string; label: string; count?: number; least?: boolean };

/** The look of a chip, pressed or not. */
export const chipLook = (on: boolean, more = "") =>
  `inline-flex h-11 shrink-0 items-center gap-2 rounded-full px-4 font-medium whitespace-nowrap transition-colors [&_svg]:size-4 [&_svg]:shrink-0 ${on ? "bg-accent text-accent-ink hover:brightness-110" : "bg-raised text-text hover:bg-hover"} ${more}`;

/** A chip that opens a menu, one entry of which is chosen. */
export function Choice({
  name,
  label,
  value,
  options,
  on = false,
  icon,
  onChoose,
}: {
  /** What is chosen among. */
  name: string;
  /** What the chip says: the name of the choice, or what is chosen. */
  label: ReactNode;
  value: string;
  options: readonly Option[];
  /** Whether something is chosen. */
  on?: boolean;
  icon?: ReactNode;
  onChoose: (value: string) => void;
}) {
  const button = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const close = useCallback(() => {
    setOpen(false);
    if (document.activeElement?.closest("[role=menu]")) button.current?.focus({ preventScroll: true });
  }, []);
  const choose = (next: string) => {
    close();
    if (next !== value) onChoose(next);
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className={chipLook(on)}
      >
        {icon}
        <span className="sr-only">{`${name}: `}</span>
        <span dir="auto" className="max-w-48 truncate">
          {label}
        </span>
        <Icon.ChevronDown aria-hidden />
      </button>
      {open &&
        button.current &&
        createPortal(
          <Menu anchor={button.current} label={name} title={name} close={close}>
            {options.map((option) => (
              <MenuChoice key={option.value} chosen={option.value === value} run={() => choose(option.value)}>
                <Entry {...option} />
              </MenuChoice>
            ))}
          </Menu>,
          document.body,
        )}
    </>
  );
}

function Entry({ label, count: files, least }: Option) {
  return (
    <>
      <span dir="auto" className="line-clamp-2 flex-1 wrap-anywhere">
        {label}
      </span>
      {files !== undefined && (
        <span className="text-sm text-muted tabular-nums">{least ? `${count(files)}+` : count(files)}</span>
      )}
    </>
  );
}
