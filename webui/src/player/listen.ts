import { choices, choose } from "./choices";
import { type PlayerState, stateOf } from "./state";
import type { Store } from "./store";

const SHOWN = "play pause timeupdate durationchange progress volumechange ratechange seeking seeked ended emptied";

export type Heard = {
  plays: () => void;
  pauses: () => void;
  arrived: () => void;
  waits: () => void;
  flows: () => void;
  broke: () => void;
};

/** Keeps the store as the element is, remembers its volume, and tells what happens to it, until `signal` is aborted. */
export function listenTo(
  media: HTMLMediaElement,
  { store, signal, heard }: { store: Store<PlayerState>; signal: AbortSignal; heard: Heard },
): void {
  const on = (names: string, act: () => void) => {
    for (const name of names.split(" ")) media.addEventListener(name, act, { signal });
  };
  const { volume, muted } = choices.get();
  if (!media.loop) {
    Object.assign(media, { volume, muted });
    on("volumechange", () => choose({ volume: media.volume, muted: media.muted }));
  }
  on(SHOWN, () => store.set(stateOf(media)));
  on("play", heard.plays);
  on("pause", heard.pauses);
  on("loadedmetadata", heard.arrived);
  on("waiting stalled seeking", heard.waits);
  on("playing canplay seeked", heard.flows);
  on("error", heard.broke);
}
