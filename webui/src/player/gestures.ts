// Touches on the picture: a tap shows or hides the controls, two at a side move by 10 s, a long one plays at 2x. Pure.

export type Gesture =
  | { kind: "tap" }
  | { kind: "move"; by: number; side: "start" | "end"; count: number }
  | { kind: "fast" }
  | { kind: "slow" };
type Touch = { at: number; x: number; y: number };

export const LONG = 500; // milliseconds
const DOUBLE = 300;
const FAR = 24; // pixels: more is a scroll

/** Follows the touches of one finger. `x` is a share of the width, 0 at the left. */
export class Touches {
  #down: Touch | null = null;
  #last: { at: number; side: -1 | 0 | 1 } | null = null;
  #count = 0;
  #fast = false;

  down(touch: Touch): void {
    this.#down = touch;
  }

  /** A finger that goes away over the page is no tap. */
  moved(pixels: number): void {
    if (pixels > FAR && !this.#fast) this.#down = null;
  }

  /** After LONG milliseconds. */
  held(): Gesture | null {
    if (!this.#down) return null;
    this.#fast = true;
    return { kind: "fast" };
  }

  up(at: number): Gesture | null {
    const down = this.#down;
    this.#down = null;
    if (this.#fast) {
      this.#fast = false;
      return { kind: "slow" };
    }
    if (!down || at - down.at > LONG) return null;
    const side = down.x < 1 / 3 ? -1 : down.x > 2 / 3 ? 1 : 0;
    const again = this.#last !== null && side !== 0 && this.#last.side === side && at - this.#last.at < DOUBLE;
    this.#last = { at, side };
    this.#count = again ? this.#count + 1 : 0;
    if (!again) return { kind: "tap" };
    return { kind: "move", by: side * 10, side: side < 0 ? "start" : "end", count: this.#count };
  }

  cancel(): Gesture | null {
    this.#down = null;
    if (!this.#fast) return null;
    this.#fast = false;
    return { kind: "slow" };
  }
}
