// Lists that are higher than browsers can lay out. Their box has CAP pixels; near both ends one pixel of the page is one
// of the list, and between them the box is a scale model. Small movements always go by pixels of the list: `shift`, how
// far the list is ahead of the page, stays. Jumps of the scrollbar follow the scale, and when all is still the page is
// put where the scale has it, which moves nothing that is seen.

export const CAP = 8_000_000;
const ZONE = 100_000;

/** Height of the box of a list. */
export const boxOf = (total: number) => Math.min(total, CAP);

/** The place in the list that the scale has at a place of the page. */
export function listAt(page: number, total: number, view: number): number {
  if (total <= CAP || page <= ZONE) return page;
  const [end, last] = [CAP - view, total - view];
  if (page >= end - ZONE) return last - (end - page);
  return ZONE + ((page - ZONE) * (last - 2 * ZONE)) / (end - 2 * ZONE);
}

/** The place of the page that the scale has for a place in the list, in whole pixels. */
export function pageAt(list: number, total: number, view: number): number {
  if (total <= CAP || list <= ZONE) return list;
  const [end, last] = [CAP - view, total - view];
  if (list >= last - ZONE) return end - (last - list);
  return Math.round(ZONE + ((list - ZONE) * (end - 2 * ZONE)) / (last - 2 * ZONE));
}

/** The shift after the page went from `before` to `now`. */
export function shiftAfter(shift: number, before: number, now: number, total: number, view: number): number {
  if (total <= CAP) return 0;
  const end = CAP - view;
  const jumped = Math.abs(now - before) > 2 * view || now <= 0 || now >= end;
  if (jumped) return listAt(now, total, view) - now;
  return Math.min(total - view, Math.max(0, now + shift)) - now;
}
