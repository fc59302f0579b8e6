// Playing by HLS with hls.js, which is loaded where a film needs it: asks again when the server is busy or away, and
// recovers from what the decoder does not like at most twice.

import type Hls from "hls.js";
import type { ErrorData } from "hls.js";
import { texts } from "@/i18n";
import { player as english } from "@/i18n/en/player";
import { pauseBefore, sentence, type Trouble, verdictOf, waitingWords } from "./trouble";

const t = texts("player", english);
const MOST_RECOVERIES = 2;

export type ScriptEvents = {
  /** Words for the viewer, "" when all is well again. */
  said: (text: string) => void;
  failed: (trouble: Trouble) => void;
  loaded: (bytes: number) => void;
};

/** The script at work on one element. */
export class Script {
  readonly #hls: Hls;
  readonly #master: string;
  readonly #events: ScriptEvents;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #begun = false;
  #recovered = 0;
  #tries = 0;
  #audio: number | null;
  #subtitle: number | null = null;

  static async play(
    video: HTMLMediaElement,
    master: string,
    { at, audio, events, alive }: { at: number; audio: number | null; events: ScriptEvents; alive: () => boolean },
  ): Promise<Script | null> {
    const { default: Made } = await import("hls.js");
    if (!alive()) return null;
    if (!Made.isSupported()) throw new Error(t.notStarted);
    const hls = new Made({ startPosition: at || -1, backBufferLength: 60, maxBufferLength: 30, enableWorker: false });
    return new Script(hls, Made, { video, master, audio, events });
  }

  private constructor(
    hls: Hls,
    Made: typeof Hls,
    {
      video,
      master,
      audio,
      events,
    }: { video: HTMLMediaElement; master: string; audio: number | null; events: ScriptEvents },
  ) {
    this.#hls = hls;
    this.#master = master;
    this.#events = events;
    this.#audio = audio;
    hls.subtitleDisplay = false; // the page shows them itself
    hls.on(Made.Events.MANIFEST_PARSED, () => {
      this.#begun = true;
    });
    hls.on(Made.Events.FRAG_BUFFERED, () => {
      this.#tries = 0;
      events.said("");
    });
    hls.on(Made.Events.FRAG_LOADED, (_, { frag }) => events.loaded(frag.stats.loaded));
    hls.on(Made.Events.AUDIO_TRACKS_UPDATED, () => this.audio(this.#audio));
    // After hls.js has chosen its own, which it does once it has told of them.
    hls.on(Made.Events.SUBTITLE_TRACKS_UPDATED, () => queueMicrotask(() => this.subtitle(this.#subtitle)));
    hls.on(Made.Events.ERROR, (_, data) => this.#error(data, Made));
    hls.loadSource(master);
    hls.attachMedia(video);
  }

  /** Plays the sound of this track; false where the script does not know it. */
  audio(index: number | null): boolean {
    this.#audio = index;
    const found = index === null ? -1 : rendition(this.#hls.audioTracks, "audio", index);
    if (found >= 0 && this.#hls.audioTrack !== found) this.#hls.audioTrack = found;
    return found >= 0;
  }

  /** Loads the subtitles of this track into a text track of the element; false where they are not in the film. */
  subtitle(index: number | null): boolean {
    this.#subtitle = index;
    const found = index === null ? -1 : rendition(this.#hls.subtitleTracks, "text", index);
    this.#hls.subtitleTrack = found;
    this.#hls.subtitleDisplay = false;
    return found >= 0;
  }

  /** Whether the film has a text track of this index for the script. */
  has(index: number): boolean {
    return rendition(this.#hls.subtitleTracks, "text", index) >= 0;
  }

  destroy(): void {
    clearTimeout(this.#timer);
    this.#hls.destroy();
  }

  #error(data: ErrorData, Made: typeof Hls): void {
    const status = data.response?.code ?? 0;
    const detail = saidBy(data.networkDetails);
    if (status === 503 || status === 429) this.#events.said(waitingWords(detail));
    const network = data.type === Made.ErrorTypes.NETWORK_ERROR;
    if (network && !status && (this.#hls.media?.readyState ?? 0) < 3) this.#events.said(t.away);
    if (!data.fatal) return;
    if (network) this.#network(status, detail, retryAfter(data.networkDetails));
    else if (data.type === Made.ErrorTypes.MEDIA_ERROR && this.#recovered < MOST_RECOVERIES) {
      this.#recovered += 1;
      this.#hls.recoverMediaError();
    } else this.#fail({ kind: "broken", why: t.gaveUp(data.details), again: true });
  }

  #network(status: number, detail: string, after: number): void {
    const verdict = verdictOf(status, this.#tries, after, detail);
    if (verdict.go === "stop") {
      const trouble =
        status === 422 ? { ...verdict.trouble, why: sentence(detail) || t.answered(status) } : verdict.trouble;
      this.#fail(trouble);
      return;
    }
    const seconds = verdict.go === "wait" ? verdict.seconds : pauseBefore(this.#tries);
    this.#events.said(verdict.go === "wait" ? verdict.words : t.away);
    this.#tries += 1;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#again(), seconds * 1000);
  }

  #again(): void {
    if (this.#begun) this.#hls.startLoad();
    else this.#hls.loadSource(this.#master);
  }

  #fail(trouble: Trouble): void {
    clearTimeout(this.#timer);
    this.#events.failed(trouble);
  }
}

/** Renditions have the index of their track in their address. */
export function rendition(tracks: readonly { url: string }[], kind: "audio" | "text", index: number): number {
  return tracks.findIndex((track) => track.url.replace(/[?#].*$/, "").endsWith(`/${kind}/${index}.m3u8`));
}

// Playlists are loaded as text, segments as bytes.
function saidBy(answer: unknown): string {
  if (!(answer instanceof XMLHttpRequest)) return "";
  try {
    const text =
      answer.responseType === "arraybuffer" ? new TextDecoder().decode(answer.response) : answer.responseText;
    const told: unknown = JSON.parse(text);
    return typeof told === "object" && told !== null && "detail" in told ? String(told.detail ?? "") : "";
  } catch {
    return "";
  }
}

const retryAfter = (answer: unknown): number =>
  answer instanceof XMLHttpRequest ? Number(answer.getResponseHeader("Retry-After")) || 0 : 0;
