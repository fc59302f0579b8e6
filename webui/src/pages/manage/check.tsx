import type { ReactNode } from "react";

/** A box to tick, with a target of 44 px. */
export function Check({
  checked,
  set,
  children,
}: {
  checked: boolean;
  set: (on: boolean) => void;
  children: ReactNode;
}) {
  return (
    <label className="flex min-h-11 items-center gap-3">
      <input
        type="checkbox"
        checked={checked}
        onChange={({ target }) => set(target.checked)}
        className="size-5 shrink-0 accent-accent"
      />
      <span dir="auto" className="wrap-anywhere">
        {children}
      </span>
    </label>
  );
}
