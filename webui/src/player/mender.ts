// Goes on where the element fails or nothing comes any more. What the script plays it mends by itself.

import { texts } from "@/i18n";
import { player as english } from "@/i18n/en/player";
import type { Loader } from "./loader";
import { probe, sleep } from "./probe";
import { Recovery } from "./recovery";
import type { PlayerState } from "./state";
import type { Store } from "./store";
import type { Trouble } from "./trouble";

const t = texts("player", english);
const HANGS = 5000; // milliseconds without a picture until the server is looked at

export type MenderHands = {
  say: (text: string) => void;
  fail: (trouble: Trouble) => void;
  /** Whether it is still being decided how to play: perhaps there is another way. */
  deciding: () => boolean;
};

export class Mender {
  readonly #loader: Loader;
  readonly #store: Store<PlayerState>;
  readonly #hands: MenderHands;
  readonly #recovery: Recovery;
  #hanging: ReturnType<typeof setTimeout> | undefined;
  #told = ""; // why it is waited

  constructor(loader: Loader, store: Store<PlayerState>, life: AbortSignal, hands: MenderHands) {
    this.#loader = loader;
    this.#store = store;
    this.#hands = hands;
    this.#recovery = new Recovery({
      probe: (url) => probe(url, life),
      sleep: (seconds) => sleep(seconds, life),
      say: (text) => {
        this.#told = text;
        hands.say(text);
      },
      fail: hands.fail,
      load: (src, at) => loader.load(src, at),
    });
  }

  /** Another source is taken, or all is over. */
  cancel(): void {
    this.#recovery.cancel();
  }

  /** The viewer tries anew. */
  reset(): void {
    this.#recovery.reset();
  }

  /** Nothing is waited for any more. */
  still(): void {
    clearTimeout(this.#hanging);
  }

  flows(): void {
    this.still();
    this.#recovery.flows();
    this.#store.set({ waiting: false });
    const over = this.#hands.deciding() || this.#store.get().said === this.#told;
    if (!this.#loader.scripted && over) this.#hands.say("");
  }

  waits(media: HTMLMediaElement): void {
    this.still();
    if (media.readyState < 3) this.#store.set({ waiting: true });
    if (this.#loader.scripted) return;
    this.#hanging = setTimeout(() => {
      const hangs = media.readyState < 3 && this.#loader.wants && !media.error;
      if (hangs) void this.#recovery.hangs(this.#loader.place(media));
    }, HANGS);
  }

  broke(media: HTMLMediaElement): void {
    if (!media.error || !media.getAttribute("src") || this.#loader.scripted) return;
    if (this.#hands.deciding()) this.#hands.say(t.reading);
    else void this.#recovery.run(media.error.code, this.#loader.place(media));
  }
}
