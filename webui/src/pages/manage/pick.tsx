import { useId } from "react";

/** One of a few, side by side: the browser's radio buttons, which arrow keys move through. */
export function Pick<T extends string>({
  label,
  value,
  options,
  set,
}: {
  label: string;
  value: T;
  options: readonly (readonly [T, string])[];
  set: (value: T) => void;
}) {
  const name = useId();
  return (
    <fieldset className="flex flex-wrap gap-1 justify-self-start rounded-full bg-raised p-1">
      <legend className="sr-only">{label}</legend>
      {options.map(([one, words]) => (
        <label
          key={one}
          className="relative flex min-h-9 items-center rounded-full px-4 text-muted has-checked:bg-accent has-checked:text-accent-ink has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent"
        >
          <input
            type="radio"
            name={name}
            checked={one === value}
            onChange={() => set(one)}
            className="absolute inset-x-0 -inset-y-1 cursor-pointer opacity-0"
          />
          {words}
        </label>
      ))}
    </fieldset>
  );
}
