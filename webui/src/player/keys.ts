// YouTube's keys. Pure: what a key means where the focus is.

export type Command =
  | { do: "toggle" | "full" | "mute" | "captions" | "pip" | "next" | "stats" | "help" | "start" | "end" }
  | { do: "move" | "volume" | "speed" | "frame"; by: number }
  | { do: "percent"; to: number };

export type Pressed = { key: string; ctrlKey: boolean; metaKey: boolean; altKey: boolean };
/**
 * `field`: something is typed or chosen there. `control`: a button, link or slider has the focus. `pointer`: a pointer
 * was used last. Keyboards and remote controls need their arrows to reach the controls, so these change the volume
 * only after a pointer was used.
 */
export type Where = { field: boolean; control: boolean; pointer: boolean; paused: boolean };

const PLAIN: Record<string, Command> = {
  k: { do: "toggle" },
  j: { do: "move", by: -10 },
  l: { do: "move", by: 10 },
  f: { do: "full" },
  m: { do: "mute" },
  c: { do: "captions" },
  p: { do: "pip" },
  n: { do: "next" },
  i: { do: "stats" },
  "?": { do: "help" },
  "<": { do: "speed", by: -0.25 },
  ">": { do: "speed", by: 0.25 },
};
const FREE: Record<string, Command> = {
  " ": { do: "toggle" },
  ArrowLeft: { do: "move", by: -5 },
  ArrowRight: { do: "move", by: 5 },
  Home: { do: "start" },
  End: { do: "end" },
};
const POINTED: Record<string, Command> = {
  ArrowUp: { do: "volume", by: 0.05 },
  ArrowDown: { do: "volume", by: -0.05 },
};

export function commandOf(pressed: Pressed, where: Where): Command | null {
  if (pressed.ctrlKey || pressed.metaKey || pressed.altKey || where.field) return null;
  const key = pressed.key.length === 1 ? pressed.key.toLowerCase() : pressed.key;
  if (/^[0-9]$/.test(key)) return { do: "percent", to: Number(key) * 10 };
  if (where.paused && (key === "," || key === ".")) return { do: "frame", by: key === "," ? -1 : 1 };
  if (PLAIN[key]) return PLAIN[key];
  if (where.control) return null;
  return FREE[key] ?? (where.pointer ? (POINTED[key] ?? null) : null);
}

/**
 * What a key does to a slider among controls that arrows lead through: left and right go on to its neighbours, unless it
 * is held, and then where they change nothing more. Enter and Space hold it and let it go. null: the slider's own.
 */
export function sliderKey(
  key: string,
  { held, atStart, atEnd }: { held: boolean; atStart: boolean; atEnd: boolean },
): { do: "move"; by: -1 | 1 } | { do: "hold"; on: boolean } | null {
  if (key === "Enter" || key === " ") return { do: "hold", on: !held };
  if (key === "ArrowLeft" && (!held || atStart)) return { do: "move", by: -1 };
  if (key === "ArrowRight" && (!held || atEnd)) return { do: "move", by: 1 };
  return null;
}

export const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2] as const;

/** The speed a step away, within what there is to choose. */
export const speedAfter = (rate: number, by: number) => Math.min(2, Math.max(0.5, Math.round((rate + by) * 4) / 4));
