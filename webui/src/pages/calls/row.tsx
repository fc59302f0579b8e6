import type { Entry } from "@/api/calls";
import { texts } from "@/i18n";
import { calls as english } from "@/i18n/en/calls";
import { music } from "@/i18n/en/music";
import { IconButton } from "@/parts/button";
import * as Icon from "@/parts/icons";
import { clock } from "@/parts/words";
import { ROW } from "./shift";
import type { Sorting } from "./sorting";
import { nameOf } from "./words";

const t = texts("calls", english);
const m = texts("music", music);

/** An entry of a queue. `of`: how many there are. */
export function QueueRow({
  entry,
  index,
  of,
  move,
  remove,
  sorting,
}: {
  entry: Entry;
  index: number;
  of: number;
  move: (to: number) => void;
  remove: () => void;
  sorting: Sorting;
}) {
  const name = nameOf(entry);
  const held = sorting.held === index;
  const shift = sorting.shift(index);
  return (
    <li
      data-row={entry.id}
      style={{ height: ROW, transform: shift ? `translateY(${shift}px)` : undefined }}
      className={`flex items-center rounded-md hover:bg-raised ${held ? "relative z-10 bg-hover outline-2 outline-accent" : ""}`}
    >
      <button
        type="button"
        aria-label={m.move(name)}
        aria-describedby="call-queue-move"
        aria-pressed={held}
        className="grid size-11 shrink-0 cursor-grab touch-none place-items-center rounded-sm text-faint hover:text-text [&_svg]:size-4"
        {...sorting.grip(index)}
      >
        <Icon.Grip aria-hidden />
      </button>
      <p dir="auto" className="as-parent line-clamp-2 min-w-0 flex-1 wrap-anywhere">
        {name}
      </p>
      <span className="px-2 text-sm text-muted tabular-nums max-sm:hidden">
        {entry.duration === null ? "" : clock(entry.duration)}
      </span>
      <Step label={t.up(name)} able={index > 0} run={() => move(index - 1)} className="[&_svg]:rotate-180" />
      <Step label={t.down(name)} able={index < of - 1} run={() => move(index + 1)} />
      <IconButton label={m.remove(name)} onClick={remove} className="shrink-0">
        <Icon.Close aria-hidden />
      </IconButton>
    </li>
  );
}

type StepProps = { label: string; able: boolean; run: () => void; className?: string };

/** Not disabled at an end of the list: it keeps the focus that it has. */
const Step = ({ label, able, run, className = "" }: StepProps) => (
  <IconButton
    label={label}
    aria-disabled={!able}
    onClick={() => able && run()}
    className={`shrink-0 aria-disabled:opacity-60 ${className}`}
  >
    <Icon.ChevronDown aria-hidden />
  </IconButton>
);
