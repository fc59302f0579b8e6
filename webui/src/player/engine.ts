// One film or song on one media element, played in the way that the server has decided for this browser: the file as
// it is, the browser's own HLS, or hls.js. Goes on by itself when the server was away; says why where it cannot.

import { withQuery } from "@/api/address";
import type { Item } from "@/api/client";
import type { Facts, Subtitle } from "@/api/facts";
import { besideOf, streamOf } from "@/api/media";
import type { Problem } from "@/api/problem";
import { texts } from "@/i18n";
import { player as english } from "@/i18n/en/player";
import { beginsAtOnce } from "./capability";
import { Captions } from "./captions";
import { choices } from "./choices";
import { beginSounding } from "./exclusive";
import { listenTo } from "./listen";
import { probe, sleep } from "./probe";
import { type Place, Recovery } from "./recovery";
import { Script } from "./script";
import { FIRST, type PlayerState, stateOf } from "./state";
import { Store } from "./store";
import { type Trouble, waitingWords, whyNot } from "./trouble";

const t = texts("player", english);
const READ_SHOWN = 400; // milliseconds until the viewer is told that the server reads the film,
const READ_WAITS = 5000; // and until the stream is tried as it is
const HANGS = 5000; // milliseconds without a picture until the server is looked at

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
  /** Bytes that the script has loaded. */
  loaded = 0;
  #media: HTMLMediaElement | null = null;
  #script: Script | null = null;
  readonly #sources: Sources;
  readonly #life = new AbortController();
  #turn = 0; // another source was taken since: what an earlier one waits for is over
  #asked = 0;
  #deciding = false;
  #wants = false;
  #at = 0;
  readonly #recovery = new Recovery({
    probe: (url) => probe(url, this.#life.signal),
    sleep: (seconds) => sleep(seconds, this.#life.signal),
    say: (text) => this.#say(text),
    fail: (trouble) => this.#fail(trouble),
    load: (src, at) => this.#load(src, at),
  });
  #release = () => {};
  readonly #hush = () => this.pause();
  #hanging: ReturnType<typeof setTimeout> | undefined;

  constructor(item: Item, sources: Sources) {
    this.item = item;
    this.#sources = sources;
    this.captions = new Captions(this.store, item, this.#life.signal);
  }

  get media(): HTMLMediaElement | null {
    return this.#media;
  }

  attach(media: HTMLMediaElement): void {
    this.#media = media;
    this.captions.media = media;
    const heard = {
      plays: () => this.#plays(media),
      pauses: () => {
        if (!media.ended) this.#wants = false;
      },
      arrived: () => this.#arrived(media),
      waits: () => this.#waits(media),
      flows: () => this.#flows(),
      broke: () => this.#broke(media),
    };
    listenTo(media, { store: this.store, signal: this.#life.signal, heard });
  }

  /** Begins: at `at` seconds, and playing where `play` says so and the browser allows it. */
  async open({ play, at }: { play: boolean; at: number }): Promise<void> {
    this.#wants = play;
    this.#at = at;
    this.#deciding = true;
    const early = beginsAtOnce(this.item.mime_type);
    if (early) this.#load(streamOf(this.item), at);
    const tell = setTimeout(() => !early && this.#say(t.reading), READ_SHOWN);
    const fall = setTimeout(() => !this.#media?.src && this.#load(streamOf(this.item), at), READ_WAITS);
    const facts = await this.#decide(null);
    clearTimeout(tell);
    clearTimeout(fall);
    if (this.#life.signal.aborted) return;
    this.#deciding = false;
    this.#say("");
    if (facts?.play) await this.#take(facts);
    else this.#asItIs(facts, this.#now());
    if (this.store.get().trouble?.kind !== "cannot") void this.#list();
  }

  play(): void {
    this.#wants = true;
    if (this.#media?.src) this.#begin();
  }

  pause(): void {
    this.#wants = false;
    this.#media?.pause();
  }

  toggle(): void {
    if (this.#media?.paused ?? true) this.play();
    else this.pause();
  }

  seek(to: number): void {
    const { seeks, duration } = this.store.get();
    if (!this.#media || !seeks) return;
    const time = Math.max(0, duration ? Math.min(to, duration - 0.05) : to);
    if (this.#media.readyState === 0) this.#at = time;
    else this.#media.currentTime = time;
    this.store.set({ time });
  }

  move(by: number): void {
    this.seek((this.#media?.currentTime ?? 0) + by);
  }

  /** Another sound: at once where the script plays, else in the way that can. Where none can, it plays on as it does. */
  async chooseAudio(index: number): Promise<boolean> {
    this.#asked += 1;
    const asked = this.#asked;
    const facts = await this.#decide(index);
    if (asked !== this.#asked || this.#life.signal.aborted) return false;
    if (facts?.play && facts.play.way !== "player") {
      this.#say("");
      await this.#take(facts);
      return true;
    }
    this.#say(facts?.play ? t.soundRefused(whyNot(facts.play.reasons)) : t.soundUnknown);
    return false;
  }

  /** Begins anew after a failure, from where it was. */
  retry(): void {
    this.#recovery.reset();
    this.#script?.destroy();
    this.#script = null;
    this.#media?.removeAttribute("src");
    const at = this.store.get().time;
    this.store.set({ trouble: null, said: "" });
    void this.open({ play: true, at });
  }

  destroy(): void {
    clearTimeout(this.#hanging);
    this.#release();
    this.#life.abort();
    this.#recovery.cancel();
    this.#script?.destroy();
    this.#media?.removeAttribute("src");
    this.#media?.load(); // ends the stream
  }

  #decide(audio: number | null): Promise<Facts | null> {
    return this.#sources
      .decide(audio, this.#life.signal, (problem) => {
        const goesOn = this.#deciding && (this.#media?.readyState ?? 0) >= 2; // as it is, meanwhile
        if (problem?.status === 503 && !goesOn) this.#say(waitingWords(problem.detail));
      })
      .catch(() => null);
  }

  async #list(): Promise<void> {
    const all = await this.#sources.subtitles(this.#life.signal);
    if (!this.#life.signal.aborted) this.captions.offer(all);
  }

  async #take(facts: Facts): Promise<void> {
    const play = facts.play;
    if (!play || !this.#media) return;
    const { way, audio, seeks, warning } = play;
    this.store.set({ facts, way, audio, seeks, warning, trouble: null });
    if (way === "player") return this.#fail({ kind: "cannot", why: whyNot(play.reasons), again: false });
    if (way === "hls.js" && this.#script) {
      this.#script.audio(audio);
      return;
    }
    const at = this.#now();
    this.#script?.destroy(); // takes the moment from the element
    this.#script = null;
    this.captions.script = null;
    if (way === "direct") this.#asItIs(facts, at);
    else if (way === "hls") {
      const master = besideOf(this.item, "hls", "/master.m3u8");
      this.#load(audio === null ? master : withQuery(master, "audio", audio), at);
    } else await this.#byScript(at, audio);
    this.captions.refresh();
  }

  #now(): number {
    return this.#media?.currentTime || this.#at;
  }

  #asItIs(facts: Facts | null, at: number): void {
    const media = this.#media;
    if (!media) return;
    if (!facts?.play) this.store.set({ facts, way: "direct" });
    if (media.src !== streamOf(this.item)) this.#load(streamOf(this.item), at);
    else if (media.error) this.#broke(media);
  }

  async #byScript(at: number, audio: number | null): Promise<void> {
    const media = this.#media;
    if (!media) return;
    const turn = this.#anew();
    const alive = () => turn === this.#turn && !this.#life.signal.aborted;
    media.removeAttribute("src");
    const events = {
      said: (text: string) => alive() && this.#say(text),
      failed: (trouble: Trouble) => alive() && this.#fail(trouble),
      loaded: (bytes: number) => {
        this.loaded += bytes;
      },
    };
    try {
      const master = besideOf(this.item, "hls", "/master.m3u8");
      this.#script = await Script.play(media, master, { at, audio, events, alive });
    } catch {
      return this.#fail({ kind: "broken", why: t.notStarted, again: true });
    }
    this.captions.script = this.#script;
    if (alive() && this.#wants) this.#begin();
  }

  #load(src: string, at: number): void {
    if (!this.#media) return;
    this.#anew();
    this.#at = at;
    this.#media.src = src;
    if (this.#wants) this.#begin();
  }

  // Only once there is a source: a play() before it would be lost.
  #begin(): void {
    this.#media?.play().catch((error: unknown) => {
      if (!(error instanceof DOMException) || error.name !== "NotAllowedError") return;
      this.#wants = false;
      this.store.set({ blocked: true });
    });
  }

  #plays(media: HTMLMediaElement): void {
    this.#wants = true;
    if (!media.loop) this.#release = beginSounding(this.#hush);
    this.store.set({ blocked: false });
  }

  #arrived(media: HTMLMediaElement): void {
    if (this.#at && this.store.get().seeks) media.currentTime = this.#at;
    this.#at = 0;
    this.store.set({ ...stateOf(media), ready: true, trouble: null });
  }

  #flows(): void {
    clearTimeout(this.#hanging);
    this.#recovery.flows();
    this.store.set({ waiting: false });
    if (!this.#script && (this.#deciding || this.store.get().said === t.away)) this.#say("");
  }

  #waits(media: HTMLMediaElement): void {
    clearTimeout(this.#hanging);
    if (media.readyState < 3) this.store.set({ waiting: true });
    if (this.#script) return; // which sees to it
    this.#hanging = setTimeout(() => {
      if (media.readyState < 3 && this.#wants && !media.error) void this.#recovery.hangs(this.#place(media));
    }, HANGS);
  }

  #broke(media: HTMLMediaElement): void {
    if (!media.error || !media.getAttribute("src") || this.#script) return;
    if (this.#deciding)
      this.#say(t.reading); // perhaps there is another way
    else void this.#recovery.run(media.error.code, this.#place(media));
  }

  #place(media: HTMLMediaElement): Place {
    const at = media.currentTime || this.#at;
    return { src: media.src, at, had: media.readyState > 0 || at > 0 };
  }

  // What an earlier source waits for is over.
  #anew(): number {
    this.#recovery.cancel();
    this.#turn += 1;
    return this.#turn;
  }

  #say(said: string): void {
    this.store.set({ said });
  }

  #fail(trouble: Trouble): void {
    clearTimeout(this.#hanging);
    this.#anew();
    this.#script?.destroy();
    this.#script = null;
    this.captions.script = null;
    this.store.set({ trouble, said: "", waiting: false, ready: trouble.kind !== "cannot" && this.store.get().ready });
  }
}
