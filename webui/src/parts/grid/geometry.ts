// Where the cells of a grid are: rows of one height, so that the place of any of 100,000 items is a multiplication.

export type LayoutKind = "grid" | "compact" | "list" | "square" | "squares";
/** `least`: the least width of a cell; `row`: the height of a list's row in rem. Both have defaults of the kind. */
export type Layout = { kind: LayoutKind; least?: number; row?: number };

type Shape = {
  /** Least width of a cell in pixels on screens that are wide, and on phones. */
  least: number;
  leastOfPhone: number;
  /** Pixels between columns and rows. */
  gap: number;
  rowGap: number;
  /** Height of the picture in parts of the width. */
  ratio: number;
  /** Height of what is below the picture, or of the whole row of a list, in rem. */
  text: number;
};

const SHAPES: Record<Exclude<LayoutKind, "list">, Shape> = {
  /** 16:9 with a title and a line. */
  grid: { least: 200, leastOfPhone: 150, gap: 16, rowGap: 20, ratio: 9 / 16, text: 3.125 },
  /** 16:9 with a title alone. */
  compact: { least: 148, leastOfPhone: 104, gap: 12, rowGap: 14, ratio: 9 / 16, text: 1.875 },
  /** Square, with a title and a line: covers. */
  square: { least: 160, leastOfPhone: 140, gap: 16, rowGap: 20, ratio: 1, text: 3.125 },
  /** Square and close together, without text: photos. */
  squares: { least: 168, leastOfPhone: 104, gap: 4, rowGap: 4, ratio: 1, text: 0 },
};
const LIST_ROW = 4;
const PHONE = 560;
const TELEVISION = 1600; // seen from further away
/** Height of the picture of a cell in parts of its width. */
export const RATIO: Record<LayoutKind, number> = {
  grid: SHAPES.grid.ratio,
  compact: SHAPES.compact.ratio,
  square: SHAPES.square.ratio,
  squares: SHAPES.squares.ratio,
  list: 0,
};

export type Geometry = {
  columns: number;
  rows: number;
  /** Width and height of a cell. */
  width: number;
  height: number;
  /** From the beginning of one cell to that of the next, across and down. */
  across: number;
  down: number;
  /** Height of all rows. */
  total: number;
};

/** The geometry of `count` cells in `width` pixels; `rem`: pixels of a rem, as people choose them. */
export function geometryOf({ kind, least, row }: Layout, count: number, width: number, rem = 16): Geometry {
  if (kind === "list") {
    const height = Math.round((row ?? LIST_ROW) * rem);
    return { columns: 1, rows: count, width, height, across: width, down: height, total: count * height };
  }
  const shape = SHAPES[kind];
  const usual = width < PHONE ? shape.leastOfPhone : width >= TELEVISION ? shape.least * 1.2 : shape.least;
  const wanted = least ?? usual;
  const columns = Math.max(1, Math.floor((width + shape.gap) / (wanted + shape.gap)));
  const cell = Math.max(0, (width - shape.gap * (columns - 1)) / columns);
  const height = Math.round(cell * shape.ratio + shape.text * rem);
  const rows = Math.ceil(count / columns);
  const down = height + shape.rowGap;
  return { columns, rows, width: cell, height, across: cell + shape.gap, down, total: Math.max(0, rows * down) };
}

/** The rows between two heights, `first` included and `end` not, with `more` on both sides. */
export function rowsBetween({ rows, down }: Geometry, top: number, bottom: number, more = 0): [number, number] {
  if (!rows || !down) return [0, 0];
  const first = Math.floor(top / down) - more;
  const end = Math.ceil(bottom / down) + more;
  return [Math.min(rows, Math.max(0, first)), Math.min(rows, Math.max(0, end))];
}

/** The numbers of the windows of `size` that hold the items from `first` to before `end`. */
export function windowsOf(first: number, end: number, size: number): number[] {
  if (end <= first) return [];
  const from = Math.floor(first / size);
  const to = Math.floor((end - 1) / size);
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}
