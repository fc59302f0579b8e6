import type { ReactNode } from "react";

/** One of a few values, all of which are shown; `legend` says what is chosen. */
export function Pills<T extends string>({
  legend,
  name,
  value,
  options,
  change,
  shown = false,
}: {
  legend: string;
  /** Of the group of inputs: unique on the page. */
  name: string;
  value: T;
  options: readonly { value: T; name: ReactNode }[];
  change: (value: T) => void;
  /** Whether the legend is seen. */
  shown?: boolean;
}) {
  return (
    <fieldset className="flex min-w-0 flex-wrap gap-2">
      <legend className={shown ? "pb-1 text-sm text-muted" : "sr-only"}>{legend}</legend>
      {options.map((one) => (
        <label
          key={one.value}
          className="relative flex h-11 items-center rounded-full bg-raised px-4 font-medium text-text transition-colors hover:bg-hover has-checked:bg-accent has-checked:text-accent-ink has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent"
        >
          <input
            type="radio"
            name={name}
            checked={one.value === value}
            onChange={() => change(one.value)}
            className="absolute inset-0 cursor-pointer opacity-0"
          />
          {one.name}
        </label>
      ))}
    </fieldset>
  );
}
