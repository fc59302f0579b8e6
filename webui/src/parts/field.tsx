import type { ComponentProps, ReactNode } from "react";

const LOOK = "min-h-11 w-full min-w-0 rounded-md bg-raised px-3 text-text placeholder:text-faint";

/** A field of text with its label above it. */
export function TextField({ label, className = "", ...rest }: ComponentProps<"input"> & { label: string }) {
  return (
    <label className={`grid min-w-0 gap-1 ${className}`}>
      <span className="text-sm text-muted">{label}</span>
      <input type="text" dir="auto" autoComplete="off" className={LOOK} {...rest} />
    </label>
  );
}

/** One of several values; the browser's own list, which every device knows. */
export function SelectField<T extends string>({
  label,
  value,
  options,
  change,
}: {
  label: string;
  value: T;
  options: readonly { value: T; name: ReactNode }[];
  change: (value: T) => void;
}) {
  return (
    <label className="grid min-w-0 gap-1">
      <span className="text-sm text-muted">{label}</span>
      <select
        value={value}
        onChange={({ target }) => {
          const chosen = options.find((one) => one.value === target.value);
          if (chosen) change(chosen.value);
        }}
        className={LOOK}
      >
        {options.map((one) => (
          <option key={one.value} value={one.value} className="bg-raised text-text">
            {one.name}
          </option>
        ))}
      </select>
    </label>
  );
}
