// Two audio elements: one plays, the other loads what comes next, so that a song follows without a pause. Knows
// addresses and seconds, nothing of queues.

import type Hls from "hls.js";

export type Heard = {
  time: (position: number, duration: number) => void;
  playing: (is: boolean) => void;
  waiting: (is: boolean) => void;
  ended: () => void;
  failed: () => void;
  /** The browser lets nothing sound before the person has touched the page. */
  refused: () => void;
};

export type Engine = ReturnType<typeof createEngine>;

export function createEngine(make: () => HTMLAudioElement, heard: Heard) {
  let front = made();
  let back = made();
  let script: Hls | null = null;
  let wanted = false;

  function made(): HTMLAudioElement {
    const element = make();
    element.preload = "auto";
    const own = (then: () => void) => () => {
      if (element === front) then();
    };
    const tell = own(() => {
      if (element.readyState > 0) heard.time(element.currentTime, finite(element.duration));
    });
    for (const name of ["timeupdate", "durationchange", "seeked"]) element.addEventListener(name, tell);
    element.addEventListener(
      "play",
      own(() => heard.playing(true)),
    );
    element.addEventListener(
      "pause",
      own(() => {
        if (!element.ended && !element.error) heard.playing(false);
      }),
    );
    element.addEventListener(
      "playing",
      own(() => heard.waiting(false)),
    );
    element.addEventListener(
      "canplay",
      own(() => heard.waiting(false)),
    );
    element.addEventListener(
      "waiting",
      own(() => heard.waiting(true)),
    );
    element.addEventListener("ended", own(heard.ended));
    element.addEventListener(
      "error",
      own(() => {
        if (element.hasAttribute("src") || script) heard.failed();
      }),
    );
    return element;
  }

  async function sound(): Promise<void> {
    wanted = true;
    try {
      await front.play();
    } catch (error) {
      if (error instanceof DOMException && error.name === "NotAllowedError") heard.refused();
      // an AbortError is a newer load, everything else comes as an error of the element
    }
  }

  function load(url: string, at: number): void {
    unscript();
    const ready = back.src === url && !back.error;
    const old = front;
    if (ready) {
      [front, back] = [back, front];
      front.volume = back.volume;
      front.muted = back.muted;
    } else {
      front.src = url;
    }
    if (ready) empty(old);
    from(at);
  }

  function from(at: number): void {
    const element = front;
    if (at <= 0 && element.currentTime === 0) return;
    if (element.readyState > 0) element.currentTime = at;
    else
      element.addEventListener(
        "loadedmetadata",
        () => {
          element.currentTime = at;
        },
        { once: true },
      );
  }

  function unscript(): void {
    script?.destroy();
    script = null;
  }

  return {
    load,
    /** Plays HLS: by the browser where it can, else by a script that is loaded for it. */
    async loadHls(url: string, at: number): Promise<void> {
      if (front.canPlayType("application/vnd.apple.mpegurl")) return load(url, at);
      const { default: Script } = await import("hls.js");
      if (!Script.isSupported()) return heard.failed();
      unscript();
      script = new Script({ startPosition: at || -1 });
      script.on(Script.Events.ERROR, (_, data) => data.fatal && heard.failed());
      script.loadSource(url);
      script.attachMedia(front);
    },
    /** Loads what comes next. */
    preload(url: string): void {
      if (back.src === url || front.src === url) return;
      back.src = url;
    },
    play: sound,
    pause(): void {
      wanted = false;
      front.pause();
    },
    /** Whether it should sound, as far as the person decided. */
    wants: () => wanted,
    seek(to: number): void {
      if (front.readyState > 0) front.currentTime = Math.max(0, Math.min(to, finite(front.duration) || to));
    },
    position: () => front.currentTime,
    volume(value: number, muted: boolean): void {
      front.volume = value;
      front.muted = muted;
    },
    stop(): void {
      wanted = false;
      unscript();
      empty(front);
      empty(back);
    },
  };
}

function empty(element: HTMLAudioElement): void {
  element.pause();
  element.removeAttribute("src");
  element.load();
}

const finite = (value: number) => (Number.isFinite(value) ? value : 0);
