/** A value between 0 and `max` by pointer, arrow keys and touch: the browser's own range under a bar of ours. */
export function Slider({
  label,
  value,
  max,
  step,
  text,
  change,
  className = "",
}: {
  label: string;
  value: number;
  max: number;
  step: number;
  text: string;
  change: (value: number) => void;
  className?: string;
}) {
  const part = max > 0 ? Math.min(1, value / max) : 0;
  return (
    <div className={`group relative flex h-11 min-w-0 items-center ${className}`}>
      <div className="relative h-1 w-full overflow-hidden rounded-full bg-hover">
        <div className="h-full rounded-full bg-accent" style={{ width: `${part * 100}%` }} />
      </div>
      <div
        aria-hidden
        className="pointer-events-none absolute size-3.5 -translate-x-1/2 rounded-full bg-accent opacity-0 transition-opacity group-hover:opacity-100 group-focus-within:opacity-100 rtl:translate-x-1/2"
        style={{ insetInlineStart: `${part * 100}%` }}
      />
      <input
        type="range"
        aria-label={label}
        aria-valuetext={text}
        min={0}
        max={max || 1}
        step={step}
        value={Math.min(value, max || 1)}
        disabled={!max}
        onChange={(event) => change(Number(event.target.value))}
        className="absolute inset-0 m-0 size-full cursor-pointer appearance-none rounded-md bg-transparent opacity-0 focus-visible:opacity-100 [&::-moz-range-thumb]:opacity-0 [&::-webkit-slider-thumb]:opacity-0"
      />
    </div>
  );
}
