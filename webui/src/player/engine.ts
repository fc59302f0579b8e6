// One film or song on one media element, played in the way that the server has decided for this browser: the file as
// it is, the browser's own HLS, or hls.js. Goes on by itself when the server was away; says why where it cannot.

import type { Item } from "@/api/client";
import type { Facts, Subtitle } from "@/api/facts";
import { streamOf } from "@/api/media";
import type { Problem } from "@/api/problem";
import { texts } from "@/i18n";
import { player as english } from "@/i18n/en/player";
import { beginsAtOnce } from "./capability";
import { Captions } from "./captions";
import { choices } from "./choices";
import { beginSounding } from "./exclusive";
import { listenTo } from "./listen";
import { Loader } from "./loader";
import { Mender } from "./mender";
import { FIRST, type PlayerState } from "./state";
import { Store } from "./store";
import { type Trouble, waitingWords, whyNot } from "./trouble";

const t = texts("player", english);
const READ_SHOWN = 400; // milliseconds until the viewer is told that the server reads the film,
const READ_WAITS = 5000; // and until the stream is tried as it is

export type Decide = (
  audio: number | null,
  signal: AbortSignal,
  waiting: (problem: Problem | null) => void,
) => Promise<Facts | null>;
export type Sources = { decide: Decide; subtitles: (signal: AbortSignal) => Promise<Subtitle[]> };

export class Engine {
  readonly item: Item;
  readonly store = new Store<PlayerState>({ ...FIRST, volume: choices.get().volume, muted: choices.get().muted });
  readonly captions: Captions;
  readonly #loader: Loader;
  readonly #mender: Mender;
  readonly #sources: Sources;
  readonly #life = new AbortController();
  #asked = 0;
  #deciding = false;
  #release = () => {};
  readonly #hush = () => this.pause();

  constructor(item: Item, sources: Sources) {
    this.item = item;
    this.#sources = sources;
    const life = this.#life.signal;
    const say = (text: string) => this.store.set({ said: text });
    const fail = (trouble: Trouble) => this.#fail(trouble);
    this.captions = new Captions(this.store, item, life);
    this.#loader = new Loader(item, this.store, this.captions, life, {
      say,
      fail,
      anew: () => this.#mender.cancel(),
      broke: (media) => this.#mender.broke(media),
    });
    this.#mender = new Mender(this.#loader, this.store, life, { say, fail, deciding: () => this.#deciding });
  }

  get media(): HTMLMediaElement | null {
    return this.#loader.media;
  }

  /** Bytes that the script has loaded. */
  get loaded(): number {
    return this.#loader.loaded;
  }

  attach(media: HTMLMediaElement): void {
    this.#loader.media = media;
    this.captions.media = media;
    const heard = {
      plays: () => this.#plays(media),
      pauses: () => {
        if (!media.ended && !media.error) this.#loader.wants = false; // an error pauses, too
      },
      arrived: () => this.#loader.arrived(media),
      waits: () => this.#mender.waits(media),
      flows: () => this.#mender.flows(),
      broke: () => this.#mender.broke(media),
    };
    listenTo(media, { store: this.store, signal: this.#life.signal, heard });
  }

  /** Begins: at `at` seconds, and playing where `play` says so and the browser allows it. */
  async open({ play, at }: { play: boolean; at: number }): Promise<void> {
    this.#loader.wants = play;
    this.#loader.at = at;
    this.#deciding = true;
    const asItIs = () => this.#loader.load(streamOf(this.item), at);
    const early = beginsAtOnce(this.item.mime_type);
    if (early) asItIs();
    const tell = setTimeout(() => !early && this.store.set({ said: t.reading }), READ_SHOWN);
    const fall = setTimeout(() => !this.media?.src && asItIs(), READ_WAITS);
    const facts = await this.#decide(null);
    clearTimeout(tell);
    clearTimeout(fall);
    if (this.#life.signal.aborted) return;
    this.#deciding = false;
    this.store.set({ said: "" });
    if (facts?.play) await this.#loader.take(facts);
    else this.#loader.asItIs(facts, this.#loader.now);
    if (this.store.get().trouble?.kind !== "cannot") void this.#list();
  }

  play(): void {
    this.#loader.wants = true;
    if (this.media?.src) this.#loader.begin();
  }

  pause(): void {
    this.#loader.wants = false;
    this.media?.pause();
  }

  toggle(): void {
    if (this.media?.paused ?? true) this.play();
    else this.pause();
  }

  seek(to: number): void {
    const { seeks, duration } = this.store.get();
    if (!this.media || !seeks) return;
    const time = Math.max(0, duration ? Math.min(to, duration - 0.05) : to);
    if (this.media.readyState === 0) this.#loader.at = time;
    else this.media.currentTime = time;
    this.store.set({ time });
  }

  move(by: number): void {
    this.seek((this.media?.currentTime ?? 0) + by);
  }

  /** Another sound: at once where the script plays, else in the way that can. Where none can, it plays on as it does. */
  async chooseAudio(index: number): Promise<boolean> {
    this.#asked += 1;
    const asked = this.#asked;
    const facts = await this.#decide(index, () => asked === this.#asked);
    if (asked !== this.#asked || this.#life.signal.aborted) return false;
    if (facts?.play && facts.play.way !== "player") {
      this.store.set({ said: "" });
      await this.#loader.take(facts);
      return true;
    }
    this.store.set({ said: facts?.play ? t.soundRefused(whyNot(facts.play.reasons)) : t.soundUnknown });
    return false;
  }

  /** Begins anew after a failure, from where it was. */
  retry(): void {
    this.#mender.reset();
    this.#loader.drop();
    this.media?.removeAttribute("src");
    const at = this.store.get().time;
    this.store.set({ trouble: null, said: "" });
    void this.open({ play: true, at });
  }

  destroy(): void {
    this.#mender.still();
    this.#release();
    this.#life.abort();
    this.#mender.cancel();
    this.#loader.drop();
    this.media?.removeAttribute("src");
    this.media?.load(); // ends the stream
  }

  /** `matters`: whether the answer is still waited for. */
  #decide(audio: number | null, matters = () => true): Promise<Facts | null> {
    return this.#sources
      .decide(audio, this.#life.signal, (problem) => {
        const goesOn = this.#deciding && (this.media?.readyState ?? 0) >= 2; // as it is, meanwhile
        if (problem?.status === 503 && !goesOn && matters()) this.store.set({ said: waitingWords(problem.detail) });
      })
      .catch(() => null);
  }

  async #list(): Promise<void> {
    const all = await this.#sources.subtitles(this.#life.signal);
    if (!this.#life.signal.aborted) this.captions.offer(all);
  }

  #plays(media: HTMLMediaElement): void {
    this.#loader.wants = true;
    if (!media.loop) this.#release = beginSounding(this.#hush);
    this.store.set({ blocked: false });
  }

  #fail(trouble: Trouble): void {
    this.#mender.still();
    this.#loader.anew();
    this.#loader.drop();
    this.store.set({ trouble, said: "", waiting: false, ready: trouble.kind !== "cannot" && this.store.get().ready });
  }
}
