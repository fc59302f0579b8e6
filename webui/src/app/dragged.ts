// What of the library a dragged link stands for. Pure.

export type Dragged = { chat: number; message: number } | { work: string };

/** A file or a work of this page, by its address; null for everything else. */
export function draggedOf(href: string, origin: string): Dragged | null {
  const url = URL.canParse(href) ? new URL(href) : null;
  if (!url || url.origin !== origin) return null;
  const file = url.pathname.match(/^\/watch\/(-?\d{1,15})\/(\d{1,15})$/);
  if (file) return { chat: Number(file[1]), message: Number(file[2]) };
  const work = url.pathname.match(/^\/work\/([^/]+)$/)?.[1];
  return work ? { work: decodeURIComponent(work) } : null;
}
