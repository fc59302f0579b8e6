import { useEffect, useRef, useSyncExternalStore } from "react";
import type uPlot from "uplot";

export type Line = { name: string; colour: "accent" | "ok" | "warn" | "muted" };

const HEIGHT = 160;

/** Changes whenever the page shows other colours. */
function watchColours(changed: () => void): () => void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const chosen = new MutationObserver(changed);
  chosen.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  dark.addEventListener("change", changed);
  return () => {
    chosen.disconnect();
    dark.removeEventListener("change", changed);
  };
}

const colours = () =>
  `${document.documentElement.dataset.theme ?? ""}${matchMedia("(prefers-color-scheme: dark)").matches}`;

/** Lines over time, drawn without motion. `summary` says for those who do not see it what it shows. */
export function Chart({
  times,
  values,
  lines,
  summary,
  format,
  least,
}: {
  times: readonly number[];
  values: readonly (readonly number[])[];
  lines: readonly Line[];
  summary: string;
  format: (value: number) => string;
  /** The value that is shown at the top at least. */
  least: number;
}) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const data = [times, ...values].map((row) => [...row]) as uPlot.AlignedData;
  const latest = useRef(data);
  latest.current = data;
  const shown = useSyncExternalStore(watchColours, colours);
  const look = useRef({ lines, format, least });
  // biome-ignore lint/correctness/useExhaustiveDependencies: other colours make another chart
  useEffect(() => {
    const box = place.current;
    if (!box) return;
    let gone = false;
    let fit: ResizeObserver | undefined;
    void import("./plot").then(({ draw }) => {
      if (gone) return;
      const { lines, format, least } = look.current;
      plot.current = draw(box, latest.current, HEIGHT, lines, format, least);
      fit = new ResizeObserver(() => plot.current?.setSize({ width: box.clientWidth, height: HEIGHT }));
      fit.observe(box);
    });
    return () => {
      gone = true;
      fit?.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [shown]);
  useEffect(() => plot.current?.setData(data));
  return (
    <div role="img" aria-label={summary} dir="ltr" className="h-40 overflow-hidden">
      <div ref={place} className="h-40" />
    </div>
  );
}
