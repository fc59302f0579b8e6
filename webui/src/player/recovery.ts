// What to do when the element stops with an error or hangs: looks at the server until it answers, then goes on where it
// was. What the decoder refuses is tried twice more.

import { texts } from "@/i18n";
import { player as english } from "@/i18n/en/player";
import type { Probe } from "./probe";
import { pauseBefore, type Trouble, verdictOf } from "./trouble";

const t = texts("player", english);
const MOST_RECOVERIES = 2;
export const NETWORK = 2; // MediaError.MEDIA_ERR_NETWORK

const PATIENCE = 15; // seconds

/** What was played, and where. `had`: whether anything was read of it. */
export type Place = { src: string; at: number; had: boolean };
export type Hands = {
  probe: (url: string) => Promise<Probe>;
  sleep: (seconds: number) => Promise<void>;
  say: (text: string) => void;
  fail: (trouble: Trouble) => void;
  load: (src: string, at: number) => void;
};

export class Recovery {
  readonly #hands: Hands;
  #turn = 0; // another source was taken since: what an earlier one waits for is over
  #recovered = 0;
  #hiccups = 0;

  constructor(hands: Hands) {
    this.#hands = hands;
  }

  /** Another source was taken, or all is over. */
  cancel(): void {
    this.#turn += 1;
  }

  /** The viewer tries anew. */
  reset(): void {
    this.cancel();
    this.#recovered = 0;
    this.#hiccups = 0;
  }

  /** It plays. */
  flows(): void {
    this.cancel();
    this.#hiccups = 0;
  }

  /** Nothing has come for some time. A server that is well gets more of it: it may wait for Telegram. */
  async hangs(place: Place): Promise<void> {
    this.cancel();
    const turn = this.#turn;
    const found = await this.#hands.probe(place.src);
    if (verdictOf(found.status, 0).go === "on") await this.#hands.sleep(PATIENCE);
    if (turn === this.#turn) await this.run(NETWORK, place);
  }

  /** `code`: of the element's error. */
  async run(code: number, { src, at, had }: Place): Promise<void> {
    this.cancel();
    const turn = this.#turn;
    const { say, sleep, probe, fail, load } = this.#hands;
    for (let tries = 0; turn === this.#turn; tries += 1) {
      const found = await probe(src);
      if (turn !== this.#turn) return;
      const verdict = verdictOf(found.status, tries, found.retryAfter, found.detail);
      if (verdict.go === "stop") return fail(verdict.trouble);
      if (verdict.go === "wait") {
        say(verdict.words);
        await sleep(verdict.seconds);
        continue;
      }
      if (tries === 0 && !(await this.#mayGoOn(code, had))) return;
      if (turn !== this.#turn) return;
      say("");
      return load(src, at);
    }
  }

  // The server is well: either the connection broke once, or the browser does not take the file.
  async #mayGoOn(code: number, had: boolean): Promise<boolean> {
    if (code === NETWORK) {
      this.#hiccups += 1;
      if (this.#hiccups > 1) await this.#hands.sleep(pauseBefore(this.#hiccups));
      return true;
    }
    this.#recovered += 1;
    if (this.#recovered <= (had ? MOST_RECOVERIES : 1)) return true;
    this.#hands.fail({ kind: had ? "broken" : "cannot", why: had ? t.damaged : t.notDecoded, again: had });
    return false;
  }
}
