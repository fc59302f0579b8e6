import type { Geometry } from "./geometry";

/**
 * The cell that a key goes to from cell `at`, or null where the key is not the grid's: beyond the first and the last
 * cell the focus may leave it. `page` is how many rows are seen at once.
 */
export function cellAfter(
  key: string,
  at: number,
  count: number,
  { columns }: Pick<Geometry, "columns">,
  page: number,
  rightToLeft: boolean,
): number | null {
  const column = at % columns;
  const last = count - 1;
  const forth = rightToLeft ? "ArrowLeft" : "ArrowRight";
  const back = rightToLeft ? "ArrowRight" : "ArrowLeft";
  const jump = Math.max(1, page - 1) * columns;
  switch (key) {
    case forth:
      return column < columns - 1 && at < last ? at + 1 : null;
    case back:
      return column > 0 ? at - 1 : null;
    case "ArrowDown":
      return at + columns <= last ? at + columns : at - column + columns <= last ? last : null;
    case "ArrowUp":
      return at >= columns ? at - columns : null;
    case "PageDown":
      return Math.min(at + jump, last);
    case "PageUp":
      return Math.max(at - jump, column);
    case "Home":
      return 0;
    case "End":
      return last;
    default:
      return null;
  }
}
