// What stands in the address of the music page. Pure; unknown and wrong values are dropped.

export type Section = "artists" | "songs" | "voice";
export type MusicSearch = { section?: Section; album?: string; artist?: string; q?: string; sort?: "name" };

const SECTIONS: readonly Section[] = ["artists", "songs", "voice"];

export function musicSearch(raw: Record<string, unknown>): MusicSearch {
  const words = (value: unknown) => (typeof value === "string" && value.trim() ? value.slice(0, 300) : undefined);
  const album = words(raw.album);
  const all: MusicSearch = {
    section: SECTIONS.find((one) => one === raw.section),
    album: album && albumAt(album) ? album : undefined,
    artist: words(raw.artist),
    q: words(raw.q),
    sort: raw.sort === "name" ? "name" : undefined,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** Chat and message out of an album's key; null for anything else. */
export function albumAt(key: string): { chat: number; message: number } | null {
  const found = key.match(/^(-?\d{1,16})_(\d{1,16})$/);
  return found ? { chat: Number(found[1]), message: Number(found[2]) } : null;
}
