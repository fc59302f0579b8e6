export { CatalogGrid } from "./catalog-grid";
export { Cells } from "./cells";
export type { Layout, LayoutKind } from "./geometry";
export { type Grid, useGrid, type View } from "./use-grid";
