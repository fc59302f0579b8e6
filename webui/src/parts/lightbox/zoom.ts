// Zooming and moving a picture within its stage. Pure: all in pixels of the stage, measured from its middle.

export type Size = { width: number; height: number };
export type Point = { x: number; y: number };
/** How the picture lies: enlarged by `scale`, its middle moved by `x`, `y` from the middle of the stage. */
export type Lie = Point & { scale: number };

export const FLAT: Lie = { scale: 1, x: 0, y: 0 };
export const MOST = 8;
/** What a double tap enlarges to, where the picture does not say more. */
export const TAPPED = 2.5;

/** The size in which a picture fits the stage; small ones are not enlarged. */
export function fitted(picture: Size, stage: Size): Size {
  if (!picture.width || !picture.height) return stage;
  const scale = Math.min(1, stage.width / picture.width, stage.height / picture.height);
  return { width: picture.width * scale, height: picture.height * scale };
}

/** No side of an enlarged picture comes into the stage while the other is out of it. */
export function kept(lie: Lie, shown: Size, stage: Size): Lie {
  const scale = Math.max(1, Math.min(MOST, lie.scale));
  const most = (picture: number, place: number) => Math.max(0, (picture * scale - place) / 2);
  const within = (value: number, bound: number) => Math.max(-bound, Math.min(bound, value)) || 0;
  return {
    scale,
    x: within(lie.x, most(shown.width, stage.width)),
    y: within(lie.y, most(shown.height, stage.height)),
  };
}

/** Enlarged by `factor`, so that what is at `point` stays there. */
export function zoomed(lie: Lie, factor: number, point: Point, shown: Size, stage: Size): Lie {
  const scale = Math.max(1, Math.min(MOST, lie.scale * factor));
  const by = scale / lie.scale;
  return kept({ scale, x: point.x - (point.x - lie.x) * by, y: point.y - (point.y - lie.y) * by }, shown, stage);
}

export const panned = (lie: Lie, by: Point, shown: Size, stage: Size): Lie =>
  kept({ ...lie, x: lie.x + by.x, y: lie.y + by.y }, shown, stage);

/** Two fingers went from `before` to `now`: enlarged by their distance, moved with their middle. */
export function pinched(lie: Lie, before: [Point, Point], now: [Point, Point], shown: Size, stage: Size): Lie {
  const middle = ([one, other]: [Point, Point]) => ({ x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 });
  const apart = ([one, other]: [Point, Point]) => Math.max(1, Math.hypot(one.x - other.x, one.y - other.y));
  const [from, to] = [middle(before), middle(now)];
  const larger = zoomed(lie, apart(now) / apart(before), from, shown, stage);
  return panned(larger, { x: to.x - from.x, y: to.y - from.y }, shown, stage);
}

/** What a drag over a picture that is not enlarged does when it is let go. `speed`: pixels per millisecond. */
export function released(by: Point, speed: Point, stage: Size): "before" | "after" | "close" | "stay" {
  const flat = Math.abs(by.x) > Math.abs(by.y);
  if (flat && (Math.abs(by.x) > stage.width / 4 || (Math.abs(speed.x) > 0.4 && Math.abs(by.x) > 24))) {
    return by.x < 0 ? "after" : "before";
  }
  if (!flat && by.y > Math.min(160, stage.height / 4)) return "close";
  return "stay";
}
