// The subtitles of a film that plays: chosen, loaded, and the cues that are shown at a moment.

import type { Item } from "@/api/client";
import { type Subtitle, subtitleText } from "@/api/facts";
import { texts } from "@/i18n";
import { player as english } from "@/i18n/en/player";
import { choices, choose } from "./choices";
import { cuesOf, shownAt } from "./cues";
import type { Script } from "./script";
import type { PlayerState } from "./state";
import type { Store } from "./store";

const t = texts("player", english);

export class Captions {
  media: HTMLMediaElement | null = null;
  script: Script | null = null;
  readonly #store: Store<PlayerState>;
  readonly #item: Item;
  readonly #life: AbortSignal;
  readonly #texts = new Map<string, VTTCue[]>();
  #own: VTTCue[] = [];
  #loading: AbortController | null = null;
  #last: string | null = null;

  constructor(store: Store<PlayerState>, item: Item, life: AbortSignal) {
    this.#store = store;
    this.#item = item;
    this.#life = life;
  }

  /** What there is to choose; the remembered language, else what the server proposes, is shown. */
  offer(all: readonly Subtitle[]): void {
    this.#store.set({ subtitles: all });
    const first = preferred(all, choices.get().subtitles, this.#store.get().facts?.play?.subtitles ?? null);
    if (first) this.#show(first.id);
  }

  /** Shows those of this id, null for none, and remembers the language. */
  choose(id: string | null): void {
    const chosen = this.#store.get().subtitles.find((one) => one.id === id);
    choose({ subtitles: chosen ? chosen.language : "off" });
    this.#show(chosen?.id ?? null);
  }

  /** On and off, as the last ones that were shown. */
  toggle(): void {
    const { subtitle, subtitles } = this.#store.get();
    const shown = subtitles.filter((one) => one.url);
    if (subtitle !== null) this.choose(null);
    else this.choose((shown.find((one) => one.id === this.#last) ?? shown[0])?.id ?? null);
  }

  /** After another source was taken. */
  refresh(): void {
    this.#show(this.#store.get().subtitle);
  }

  /** The cues on the screen at a moment. */
  shown(time: number): VTTCue[] {
    const { subtitle, delay } = this.#store.get();
    if (subtitle === null) return [];
    return shownAt(this.#byScript() ? this.#fromScript() : this.#own, time, delay);
  }

  #chosen(): Subtitle | undefined {
    return this.#store.get().subtitles.find((one) => one.id === this.#store.get().subtitle);
  }

  #byScript(): boolean {
    const track = this.#chosen()?.track;
    return this.script !== null && track !== null && track !== undefined;
  }

  #fromScript(): VTTCue[] {
    const tracks = [...(this.media?.textTracks ?? [])].filter((track) => track.mode !== "disabled");
    return tracks.flatMap((track) => [...(track.cues ?? [])]).filter((cue) => cue instanceof VTTCue);
  }

  #show(id: string | null): void {
    this.#loading?.abort();
    this.#own = [];
    this.#last = id ?? this.#last;
    this.#store.set({ subtitle: id });
    const chosen = this.#chosen();
    const inFilm = this.#byScript();
    this.script?.subtitle(inFilm ? (chosen?.track ?? null) : null);
    if (chosen && !inFilm) void this.#load(chosen.id);
  }

  async #load(id: string): Promise<void> {
    const loading = new AbortController();
    this.#loading = loading;
    const signal = AbortSignal.any([loading.signal, this.#life]);
    const said = (text: string) => !signal.aborted && this.#store.set({ said: text });
    try {
      const kept = this.#texts.get(id);
      const waiting = () => said(t.subtitlesRead);
      const cues = kept ?? made(await subtitleText(this.#item, id, { signal, waiting }));
      this.#texts.set(id, cues);
      if (signal.aborted) return;
      this.#own = cues;
      if (this.#store.get().said === t.subtitlesRead) said("");
    } catch {
      said(t.subtitlesFailed);
    }
  }
}

const made = (text: string) => cuesOf(text).map((cue) => new VTTCue(cue.start, cue.end, cue.text));

/** Those in the wanted language, else those that the server proposes (`track`), else none. */
export function preferred(all: readonly Subtitle[], wanted: string, track: number | null): Subtitle | null {
  const shown = all.filter((one) => one.url);
  if (wanted === "off") return shown.find((one) => one.forced && one.track === track) ?? null;
  const proposed = track === null ? undefined : shown.find((one) => one.track === track);
  const inLanguage = wanted ? shown.find((one) => one.language === wanted && !one.forced) : undefined;
  return inLanguage ?? proposed ?? null;
}
