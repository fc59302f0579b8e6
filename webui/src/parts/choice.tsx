import { Menu } from "@base-ui/react/menu";
import type { ReactNode } from "react";
import { count } from "@/i18n";
import * as Icon from "./icons";

export type Option = { value: string; label: string; count?: number };

/** The look of a chip, pressed or not. */
export const chipLook = (on: boolean, more = "") =>
  `inline-flex h-11 shrink-0 items-center gap-2 rounded-full px-4 font-medium whitespace-nowrap transition-colors [&_svg]:size-4 [&_svg]:shrink-0 ${on ? "bg-accent text-accent-ink hover:brightness-110" : "bg-raised text-text hover:bg-hover"} ${more}`;

/** A chip that opens a menu, one entry of which is chosen. */
export function Choice({
  label,
  value,
  options,
  on = false,
  icon,
  onChoose,
}: {
  /** What the chip says: the name of the choice, or what is chosen. */
  label: ReactNode;
  value: string;
  options: readonly Option[];
  /** Whether something is chosen. */
  on?: boolean;
  icon?: ReactNode;
  onChoose: (value: string) => void;
}) {
  return (
    <Menu.Root modal={false}>
      <Menu.Trigger className={chipLook(on)}>
        {icon}
        <span dir="auto" className="max-w-48 truncate">
          {label}
        </span>
        <Icon.ChevronDown aria-hidden />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner sideOffset={8} align="start" className="z-40">
          <Menu.Popup className="max-h-[min(26rem,var(--available-height))] min-w-52 max-w-80 overflow-y-auto rounded-md bg-raised p-1.5 text-text shadow-(--shadow) outline-none">
            <Menu.RadioGroup value={value} onValueChange={(next) => onChoose(String(next))}>
              {options.map((option) => (
                <Entry key={option.value} {...option} />
              ))}
            </Menu.RadioGroup>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}

function Entry({ value, label, count: files }: Option) {
  return (
    <Menu.RadioItem
      value={value}
      closeOnClick
      className="flex min-h-11 cursor-pointer items-center gap-3 rounded-sm px-3 outline-none data-highlighted:bg-hover [&_svg]:size-4"
    >
      <Menu.RadioItemIndicator keepMounted className="shrink-0 text-accent data-unchecked:invisible">
        <Icon.Check aria-hidden />
      </Menu.RadioItemIndicator>
      <span dir="auto" className="line-clamp-2 flex-1 wrap-anywhere">
        {label}
      </span>
      {files !== undefined && <span className="text-sm text-muted tabular-nums">{count(files)}</span>}
    </Menu.RadioItem>
  );
}
