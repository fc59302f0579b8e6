import { type ReactNode, type RefObject, useEffect, useId, useRef } from "react";
import css from "./player.module.css";

/** A choice over the picture: gets the focus, closes by Escape or a touch elsewhere, and gives the focus back. */
export function Panel({
  label,
  opener,
  close,
  children,
}: {
  label: string;
  opener: RefObject<HTMLElement | null>;
  close: () => void;
  children: ReactNode;
}) {
  const box = useRef<HTMLDivElement>(null);
  const closing = useRef(close);
  closing.current = close;
  useEffect(() => {
    const first = box.current?.querySelector<HTMLElement>("input:checked, input, button, [tabindex]");
    (first ?? box.current)?.focus({ preventScroll: true });
    const back = opener.current;
    const outside = (event: PointerEvent) => {
      const at = event.target;
      if (at instanceof Node && !box.current?.contains(at) && !back?.contains(at)) closing.current();
    };
    document.addEventListener("pointerdown", outside, true);
    return () => {
      document.removeEventListener("pointerdown", outside, true);
      if (box.current?.contains(document.activeElement) || document.activeElement === document.body) back?.focus();
    };
  }, [opener]);
  return (
    <div
      ref={box}
      role="dialog"
      aria-label={label}
      tabIndex={-1}
      className={css.panel}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        event.preventDefault();
        closing.current();
        opener.current?.focus();
      }}
    >
      {children}
    </div>
  );
}

export type Option<T> = { value: T; name: string; more?: string };

/** One of several, as radio buttons: a row each, or chips side by side. */
export function Options<T extends string | number>({
  label,
  options,
  value,
  choose,
  chips = false,
  hidden = false,
  repeats = false,
}: {
  label: string;
  options: readonly Option<T>[];
  value: T;
  choose: (value: T) => void;
  chips?: boolean;
  /** Whether the heading is only for those who do not see the panel. */
  hidden?: boolean;
  /** Whether a press on what is chosen already is a choice, too. */
  repeats?: boolean;
}) {
  const group = useId();
  return (
    <fieldset className="m-0 min-w-0 border-0 p-0">
      <legend className={hidden ? "sr-only" : "px-2 pb-1 text-sm text-muted"}>{label}</legend>
      <div className={chips ? "flex flex-wrap gap-1.5 px-2" : "grid"}>
        {options.map((one) => (
          <label key={String(one.value)} className={chips ? css.chip : css.option}>
            <input
              type="radio"
              name={group}
              checked={one.value === value}
              onChange={() => choose(one.value)}
              onClick={() => repeats && one.value === value && choose(one.value)}
              className={chips ? "sr-only" : ""}
            />
            <span dir="auto" className="min-w-0 wrap-anywhere">
              {one.name}
              {one.more && <span className="block text-sm text-muted">{one.more}</span>}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
