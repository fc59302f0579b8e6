import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { locale } from "@/i18n";
import type { Line } from "./chart";

const SHOWN = 300; // seconds
const end = (latest: number | null | undefined) => latest || Date.now() / 1000;

/** Draws a chart in `box`, in the colours that it has there. */
export function draw(
  box: HTMLElement,
  data: uPlot.AlignedData,
  height: number,
  lines: readonly Line[],
  format: (value: number) => string,
  least: number,
): uPlot {
  const colour = (name: string) => computed(box, `var(--color-${name})`);
  const [faint, line] = [colour("faint"), colour("line")];
  const font = `12px ${getComputedStyle(box).fontFamily}`;
  const grid = { stroke: line, width: 1 };
  const time = new Intl.DateTimeFormat(locale(), { timeStyle: "short" });
  const widest = widthOf(time.format(new Date(2000, 9, 20, 22, 59)), font);
  return new uPlot(
    {
      width: box.clientWidth,
      height,
      legend: { show: false },
      cursor: { show: false },
      padding: [12, Math.ceil(widest / 2), 0, 0], // the last time stands under the end of the line
      scales: {
        x: { time: true, range: (_, __, latest) => [end(latest) - SHOWN, end(latest)] },
        y: { range: (_, __, most) => [0, Math.max(most * 1.15, least)] },
      },
      axes: [
        {
          stroke: faint,
          font,
          grid: { show: false },
          ticks: { show: false },
          gap: 10,
          size: 34,
          space: widest + 24,
          values: (_, splits) => splits.map((at) => time.format(at * 1000)),
        },
        {
          stroke: faint,
          font,
          grid,
          ticks: { show: false },
          size: (plot, values) => width(plot, values) + 14,
          space: 44,
          values: (_, splits) => splits.map(format),
        },
      ],
      series: [
        {},
        ...lines.map((one) => ({
          label: one.name,
          stroke: colour(one.colour),
          fill: lines.length === 1 ? `color-mix(in oklab, ${colour(one.colour)} 18%, transparent)` : undefined,
          width: 2,
          points: { show: false },
        })),
      ],
    },
    data,
    box,
  );
}

/** How wide a text is, in CSS pixels. */
function widthOf(text: string, font: string): number {
  const context = document.createElement("canvas").getContext("2d");
  if (!context) return 70;
  context.font = font;
  return context.measureText(text).width;
}

/** The width of the widest label, in CSS pixels. */
function width(plot: uPlot, values: string[] | null): number {
  const widest = Math.max(0, ...(values ?? []).map((text) => plot.ctx.measureText(text).width));
  return Math.ceil(widest / devicePixelRatio);
}

/** A colour as the canvas takes it: without variables and light-dark(). */
function computed(box: HTMLElement, value: string): string {
  const probe = document.createElement("span");
  probe.style.color = value;
  box.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}
