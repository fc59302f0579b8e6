import type { CSSProperties } from "react";
import type { LayoutKind } from "./geometry";
import { RATIO } from "./geometry";
import type { Grid } from "./use-grid";

const FRAME_OF_ROW = { width: 80, height: 45 };

/**
 * The places of all frames as one background, of the same geometry as the cells before it: what flies by has its shape
 * without an element, also where the browser scrolls ahead of the script. Only whole rows: the last one may be short.
 */
export function Ghosts({ grid, kind }: { grid: Grid; kind: LayoutKind }) {
  const { geometry, count, view, height } = grid;
  const whole = Math.floor(count / geometry.columns) * geometry.down;
  const across = kind === "list" ? geometry.width : geometry.across;
  const rtl = document.dir === "rtl";
  const style: CSSProperties = {
    height: Math.min(height, whole - (geometry.total > height ? view.shift : 0)),
    width: geometry.columns * across,
    backgroundImage: `url("data:image/svg+xml,${encodeURIComponent(tile(geometry, kind, across, rtl))}")`,
    backgroundSize: `${across}px ${geometry.down}px`,
    backgroundPosition: `${rtl ? "right" : "left"} 0 top ${-(view.shift % geometry.down)}px`,
  };
  return <div aria-hidden="true" className="pointer-events-none absolute start-0 top-0" style={style} />;
}

/** One cell as a picture: a grey that shows on both themes. */
function tile({ width, down, height }: Grid["geometry"], kind: LayoutKind, across: number, rtl: boolean): string {
  const list = kind === "list";
  const size = list ? FRAME_OF_ROW : { width, height: width * RATIO[kind] };
  const x = rtl ? across - size.width : 0;
  const y = list ? (height - size.height) / 2 : 0;
  const radius = list ? 6 : kind === "squares" ? 0 : 10;
  const box = `<svg xmlns="http://www.w3.org/2000/svg" width="${across}" height="${down}">`;
  const frame = `<rect x="${x}" y="${y}" width="${size.width}" height="${size.height}" rx="${radius}"`;
  return `${box}${frame} fill="#8889a0" fill-opacity=".16"/></svg>`;
}
