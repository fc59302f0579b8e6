// What the element plays: the file as it is, the browser's own HLS, or hls.js; and from where.

import { withQuery } from "@/api/address";
import type { Item } from "@/api/client";
import type { Facts } from "@/api/facts";
import { besideOf, streamOf } from "@/api/media";
import { texts } from "@/i18n";
import { player as english } from "@/i18n/en/player";
import type { Captions } from "./captions";
import type { Place } from "./recovery";
import { Script } from "./script";
import { type PlayerState, stateOf } from "./state";
import type { Store } from "./store";
import { type Trouble, whyNot } from "./trouble";

const t = texts("player", english);

export type LoaderHands = {
  say: (text: string) => void;
  fail: (trouble: Trouble) => void;
  /** Another source is taken: what an earlier one waits for is over. */
  anew: () => void;
  /** The element has failed at the source that is to be taken. */
  broke: (media: HTMLMediaElement) => void;
};

export class Loader {
  readonly item: Item;
  media: HTMLMediaElement | null = null;
  /** Whether it is to play. */
  wants = false;
  /** Where it begins once its source is there, in seconds. */
  at = 0;
  /** Bytes that the script has loaded. */
  loaded = 0;
  readonly #store: Store<PlayerState>;
  readonly #captions: Captions;
  readonly #life: AbortSignal;
  readonly #hands: LoaderHands;
  #script: Script | null = null;
  #turn = 0; // another source was taken since: what an earlier one waits for is over

  constructor(item: Item, store: Store<PlayerState>, captions: Captions, life: AbortSignal, hands: LoaderHands) {
    this.item = item;
    this.#store = store;
    this.#captions = captions;
    this.#life = life;
    this.#hands = hands;
  }

  /** Whether the script plays, which sees to what is missing by itself. */
  get scripted(): boolean {
    return this.#script !== null;
  }

  /** Where it is, or will begin. */
  get now(): number {
    return this.media?.currentTime || this.at;
  }

  /** What is played, and where. */
  place(media: HTMLMediaElement): Place {
    const at = media.currentTime || this.at;
    return { src: media.src, at, had: media.readyState > 0 || at > 0 };
  }

  /** Takes the way that was decided, from where it is. */
  async take(facts: Facts): Promise<void> {
    const play = facts.play;
    if (!play || !this.media) return;
    const { way, audio, seeks, warning } = play;
    this.#store.set({ facts, way, audio, seeks, warning, trouble: null });
    if (way === "player") return this.#hands.fail({ kind: "cannot", why: whyNot(play.reasons), again: false });
    if (way === "hls.js" && this.#script) {
      this.#script.audio(audio);
      return;
    }
    const at = this.now;
    this.drop(); // takes the moment from the element
    if (way === "direct") this.asItIs(facts, at);
    else if (way === "hls") {
      const master = besideOf(this.item, "hls", "/master.m3u8");
      this.load(audio === null ? master : withQuery(master, "audio", audio), at);
    } else await this.#byScript(at, audio);
    this.#captions.refresh();
  }

  asItIs(facts: Facts | null, at: number): void {
    const media = this.media;
    if (!media) return;
    if (!facts?.play) this.#store.set({ facts, way: "direct" });
    if (media.src !== streamOf(this.item)) this.load(streamOf(this.item), at);
    else if (media.error) this.#hands.broke(media);
  }

  load(src: string, at: number): void {
    if (!this.media) return;
    this.anew();
    this.at = at;
    this.media.src = src;
    if (this.wants) this.begin();
  }

  async #byScript(at: number, audio: number | null): Promise<void> {
    const media = this.media;
    if (!media) return;
    const turn = this.anew();
    const alive = () => turn === this.#turn && !this.#life.aborted;
    media.removeAttribute("src");
    const events = {
      said: (text: string) => alive() && this.#hands.say(text),
      failed: (trouble: Trouble) => alive() && this.#hands.fail(trouble),
      loaded: (bytes: number) => {
        this.loaded += bytes;
      },
    };
    try {
      const master = besideOf(this.item, "hls", "/master.m3u8");
      this.#script = await Script.play(media, master, { at, audio, events, alive });
    } catch {
      return this.#hands.fail({ kind: "broken", why: t.notStarted, again: true });
    }
    this.#captions.script = this.#script;
    if (alive() && this.wants) this.begin();
  }

  /** Plays. Only once there is a source: a play() before it would be lost. */
  begin(): void {
    this.media?.play().catch((error: unknown) => {
      if (!(error instanceof DOMException) || error.name !== "NotAllowedError") return;
      this.wants = false;
      this.#store.set({ blocked: true });
    });
  }

  /** The element knows how long its source is. */
  arrived(media: HTMLMediaElement): void {
    if (this.at && this.#store.get().seeks) media.currentTime = this.at;
    this.at = 0;
    this.#store.set({ ...stateOf(media), ready: true, trouble: null });
  }

  anew(): number {
    this.#hands.anew();
    this.#turn += 1;
    return this.#turn;
  }

  /** Ends the script. */
  drop(): void {
    this.#script?.destroy();
    this.#script = null;
    this.#captions.script = null;
  }
}
