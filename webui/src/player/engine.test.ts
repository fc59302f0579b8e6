import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Item } from "@/api/client";
import type { Facts, Play } from "@/api/facts";

vi.stubGlobal("location", new URL("http://here/watch/-1/2"));
vi.stubGlobal(
  "fetch",
  vi.fn(async () => new Response(null, { status: 200 })),
);
const { Engine } = await import("./engine");

class Media extends EventTarget {
  calls: string[] = [];
  paused = true;
  ended = false;
  loop = false;
  muted = false;
  volume = 1;
  currentTime = 0;
  duration = 100;
  readyState = 0;
  playbackRate = 1;
  buffered = { length: 0 };
  textTracks = [];
  error: { code: number } | null = null;
  #src = "";
  get src() {
    return this.#src;
  }
  set src(to: string) {
    this.#src = to;
    this.calls.push(`src ${new URL(to, "http://here").pathname}`);
  }
  getAttribute() {
    return this.#src || null;
  }
  removeAttribute() {
    this.#src = "";
  }
  load() {}
  async play() {
    this.calls.push("play");
    this.paused = false;
  }
  pause() {
    this.paused = true;
  }
  tell(name: string) {
    this.dispatchEvent(new Event(name));
  }
}

const item = {
  chat_id: -1,
  message_id: 2,
  stream_url: "/stream/-1/2/film.mkv",
  mime_type: "video/x-matroska",
  name: "film.mkv",
} as Item;
const play: Play = { way: "direct", reasons: {}, audio: 1, subtitles: null, seeks: true, warning: "" };
const facts = (more: Partial<Play> = {}) =>
  ({ tracks: [], chapters: [], play: { ...play, ...more } }) as unknown as Facts;

function opened(of: Item, decide: (audio: number | null) => Promise<Facts | null>) {
  const media = new Media();
  const engine = new Engine(of, { decide, subtitles: async () => [] });
  engine.attach(media as unknown as HTMLMediaElement);
  return { media, engine };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe("the way that the server has decided", () => {
  it("is the file itself: no source before that, and play() only after it", async () => {
    const { media, engine } = opened(item, async () => facts());
    await engine.open({ play: true, at: 0 });
    expect(media.calls).toEqual(["src /stream/-1/2/film.mkv", "play"]);
    expect(engine.store.get()).toMatchObject({ way: "direct", seeks: true, trouble: null });
  });

  it("is the browser's own HLS, with the sound that was decided", async () => {
    const { media, engine } = opened(item, async () => facts({ way: "hls", audio: 3 }));
    await engine.open({ play: false, at: 0 });
    expect(media.src).toBe("http://here/hls/-1/2/master.m3u8?audio=3");
  });

  it("is another program: said before anything fails, and nothing is loaded", async () => {
    const reasons = { direct: "No mpeg4.", "hls.js": "Not repackaged." };
    const { media, engine } = opened(item, async () => facts({ way: "player", reasons }));
    await engine.open({ play: true, at: 0 });
    expect(media.calls).toEqual([]);
    expect(engine.store.get().trouble).toEqual({ kind: "cannot", why: "No mpeg4. Not repackaged.", again: false });
  });

  it("is the file where the server knows nothing of it", async () => {
    const { media, engine } = opened(item, async () => null);
    await engine.open({ play: false, at: 0 });
    expect(media.src).toContain("/stream/");
    expect(engine.store.get().way).toBe("direct");
  });
});

describe("while the server reads the film", () => {
  it("tells so, and tries the file as it is after five seconds", async () => {
    const { media, engine } = opened(item, () => new Promise(() => {}));
    void engine.open({ play: false, at: 0 });
    await vi.advanceTimersByTimeAsync(450);
    expect(engine.store.get().said).toBe("The server reads the film.");
    expect(media.src).toBe("");
    await vi.advanceTimersByTimeAsync(5000);
    expect(media.src).toContain("/stream/");
  });

  it("gives MP4 to the browser at once, and what it refuses waits for the facts", async () => {
    let answer = (_: Facts | null) => {};
    const { media, engine } = opened({ ...item, mime_type: "video/mp4" }, () => new Promise((done) => (answer = done)));
    const opening = engine.open({ play: false, at: 0 });
    expect(media.src).toContain("/stream/");
    media.error = { code: 4 };
    media.tell("error");
    expect(engine.store.get()).toMatchObject({ said: "The server reads the film.", trouble: null });
    media.error = null;
    answer(facts({ way: "hls" }));
    await opening;
    expect(media.src).toContain("/hls/");
    expect(engine.store.get().said).toBe("");
  });
});

describe("another sound", () => {
  it("is taken in the way that can, from where the film is", async () => {
    const { media, engine } = opened(item, async (audio) => facts(audio === 2 ? { way: "hls", audio: 2 } : {}));
    await engine.open({ play: true, at: 0 });
    media.currentTime = 33;
    expect(await engine.chooseAudio(2)).toBe(true);
    media.currentTime = 0;
    media.tell("loadedmetadata");
    expect(media.currentTime).toBe(33);
    expect(media.calls.slice(-2)).toEqual(["src /hls/-1/2/master.m3u8", "play"]);
  });

  it("that no way plays leaves the film as it is, and says why", async () => {
    const reasons = { direct: "Only the first sound." };
    const { media, engine } = opened(item, async (audio) => facts(audio === 2 ? { way: "player", reasons } : {}));
    await engine.open({ play: true, at: 0 });
    expect(await engine.chooseAudio(2)).toBe(false);
    expect(media.src).toContain("/stream/");
    expect(engine.store.get()).toMatchObject({ audio: 1, trouble: null });
    expect(engine.store.get().said).toContain("Only the first sound.");
  });
});

it("does not seek where that would stop the film", async () => {
  const { media, engine } = opened(item, async () => facts({ seeks: false, warning: "It stops." }));
  await engine.open({ play: false, at: 50 });
  media.tell("loadedmetadata");
  engine.seek(20);
  expect(media.currentTime).toBe(0);
  expect(engine.store.get().warning).toBe("It stops.");
});

it("waits where the browser refuses to play by itself", async () => {
  const { media, engine } = opened(item, async () => facts());
  media.play = async () => {
    throw new DOMException("", "NotAllowedError");
  };
  await engine.open({ play: true, at: 0 });
  await vi.advanceTimersByTimeAsync(0);
  expect(engine.store.get()).toMatchObject({ blocked: true, trouble: null });
});

it("goes on at the same place when the server was away", async () => {
  const { media, engine } = opened(item, async () => facts());
  await engine.open({ play: true, at: 0 });
  media.readyState = 2;
  media.currentTime = 40;
  media.error = { code: 2 };
  vi.mocked(fetch).mockRejectedValueOnce(new TypeError("away"));
  media.tell("error");
  await vi.advanceTimersByTimeAsync(100);
  expect(engine.store.get().said).toContain("The server does not answer.");
  await vi.advanceTimersByTimeAsync(1000);
  media.error = null;
  media.currentTime = 0;
  media.tell("loadedmetadata");
  expect(media.currentTime).toBe(40);
  expect(media.calls.slice(-2)).toEqual(["src /stream/-1/2/film.mkv", "play"]);
  expect(engine.store.get().said).toBe("");
});

it("plays on after an error that has paused the element", async () => {
  const { media, engine } = opened(item, async () => facts());
  await engine.open({ play: true, at: 0 });
  media.readyState = 2;
  media.currentTime = 40;
  media.error = { code: 2 };
  media.tell("pause");
  media.tell("error");
  await vi.advanceTimersByTimeAsync(100);
  media.error = null;
  expect(media.calls.slice(-2)).toEqual(["src /stream/-1/2/film.mkv", "play"]);
});

it.each([new TypeError("away"), new Response(null, { status: 503, headers: { "Retry-After": "9" } })])(
  "says no more that it waits once the element goes on by itself",
  async (answer) => {
    const { media, engine } = opened(item, async () => facts());
    await engine.open({ play: true, at: 0 });
    media.error = { code: 2 };
    if (answer instanceof Response) vi.mocked(fetch).mockResolvedValueOnce(answer);
    else vi.mocked(fetch).mockRejectedValueOnce(answer);
    media.tell("error");
    await vi.advanceTimersByTimeAsync(100);
    expect(engine.store.get().said).not.toBe("");
    media.error = null;
    media.tell("playing");
    expect(engine.store.get().said).toBe("");
  },
);

it("says no more of a sound that is refused once one that plays is chosen", async () => {
  const refused = facts({ way: "player", reasons: { direct: "Only the first sound." } });
  const { engine } = opened(item, async (audio) => (audio === 2 ? refused : facts()));
  await engine.open({ play: true, at: 0 });
  await engine.chooseAudio(2);
  expect(engine.store.get().said).not.toBe("");
  expect(await engine.chooseAudio(1)).toBe(true);
  expect(engine.store.get().said).toBe("");
});

it("is silent once something else sounds", async () => {
  const { media, engine } = opened(item, async () => facts());
  const { beginSounding } = await import("./exclusive");
  await engine.open({ play: true, at: 0 });
  media.tell("play");
  beginSounding(() => {});
  expect(media.paused).toBe(true);
});
