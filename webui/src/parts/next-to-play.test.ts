import { describe, expect, test } from "vitest";
import {
  bestCut,
  cutsOf,
  nextAfter,
  nextToPlay,
  numberOf,
  type Playable,
  type Tree,
  unitsOf,
  wayOf,
} from "./next-to-play";

let made = 0;
type Given = Partial<Playable> & {
  lines?: number;
  languages?: string[];
  way?: "direct" | "hls" | "player" | "unknown";
};

function file(name: string, { lines = 1080, languages = [], way = "direct", ...more }: Given = {}): Playable {
  made += 1;
  return {
    chat_id: -1,
    message_id: made,
    file_unique_id: name,
    name,
    size: lines * 1000,
    height: lines,
    duration: 6000,
    date: made,
    facts: {
      ...{ title: "", year: null, season: null, episode: null, last_episode: null, codec: "", work: "" },
      resolution: `${lines}p`,
      languages,
    },
    watched: null,
    plays: { way, reason: "", codecs: [] },
    ...more,
  };
}

const begun = (position: number, updated: number) => ({ position, duration: 6000, finished: false, updated });
const finished = (updated: number) => ({ position: 6000, duration: 6000, finished: true, updated });
const film = (...files: Playable[]): Tree<Playable> => ({ series: false, files, seasons: [] });

/** A series of seasons with episodes, whose files are named S1E2. */
function series(
  seasons: Record<string, (number | null)[]>,
  watched: Record<string, Playable["watched"]> = {},
): Tree<Playable> {
  return {
    series: true,
    files: [],
    seasons: Object.entries(seasons).map(([season, episodes]) => ({
      season: season === "none" ? null : Number(season),
      episodes: episodes.map((episode) => {
        const name = `S${season}E${episode ?? "x"}`;
        return { episode, files: [file(name, { watched: watched[name] ?? null })] };
      }),
    })),
  };
}

const played = (work: Tree<Playable>) => {
  const next = nextToPlay(work);
  return next && [next.file.name, next.how, next.position];
};
const order = (work: Tree<Playable>) => unitsOf(work).map((unit) => unit.cuts[0]?.parts[0].name);

describe("a film", () => {
  test("plays the best version that plays here", () => {
    const work = film(
      file("4k", { lines: 2160, way: "player" }),
      file("hd", { way: "hls" }),
      file("sd", { lines: 480 }),
    );
    expect(played(work)).toEqual(["hd", "start", 0]);
  });

  test("plays as it is rather than repackaged at the same resolution, and known rather than unknown", () => {
    expect(bestCut(cutsOf([file("a", { way: "hls", size: 9e9 }), file("b")]))?.parts[0].name).toBe("b");
    expect(bestCut(cutsOf([file("a", { lines: 2160, way: "unknown" }), file("b")]))?.parts[0].name).toBe("b");
  });

  test("names the best version where none plays here", () => {
    expect(played(film(file("a", { lines: 720, way: "player" }), file("b", { way: "player" })))).toEqual([
      "b",
      "start",
      0,
    ]);
  });

  test("goes on in the version that was begun, and begins again after its end", () => {
    expect(played(film(file("hd"), file("sd", { lines: 480, watched: begun(90, 5) })))).toEqual(["sd", "resume", 90]);
    expect(played(film(file("hd", { watched: finished(5) })))).toEqual(["hd", "again", 0]);
  });

  test("goes on at the same place in another version, if it is as long", () => {
    const here = file("here", { lines: 480, duration: 6010 });
    const there = file("there", { way: "player", watched: begun(90, 5) });
    expect(played(film(there, here))).toEqual(["here", "resume", 90]);
    expect(played(film(there, { ...here, duration: 5000 }))).toEqual(["here", "resume", 0]);
  });

  test("takes a glance for no beginning", () => {
    expect(played(film(file("a", { watched: begun(3, 5) })))).toEqual(["a", "start", 0]);
  });

  test("goes through its parts", () => {
    const parts = [file("Film CD1.avi", { watched: finished(5) }), file("Film CD2.avi"), file("Film CD3.avi")];
    const work = film(...parts);
    expect(cutsOf(work.files).map((cut) => cut.parts.length)).toEqual([3]);
    expect(played(work)).toEqual(["Film CD2.avi", "resume", 0]);
    expect(nextAfter(work, { file_unique_id: "Film CD2.avi" })?.file.name).toBe("Film CD3.avi");
    expect(nextAfter(work, { file_unique_id: "Film CD3.avi" })).toBeNull();
  });

  test("is nothing without files", () => expect(nextToPlay(film())).toBeNull());
});

describe("a series", () => {
  const two = { 1: [1, 2, 3], 2: [1, 2], 0: [1] };

  test("begins with its first episode", () => expect(played(series(two))).toEqual(["S1E1", "start", 0]));

  test("goes on where somebody stopped", () => {
    expect(played(series(two, { S1E1: finished(5), S1E2: begun(60, 9) }))).toEqual(["S1E2", "resume", 60]);
    expect(played(series(two, { S1E2: begun(60, 5), S2E1: begun(70, 9) }))).toEqual(["S2E1", "resume", 70]);
  });

  test("plays the first unwatched episode after the one that was finished last", () => {
    expect(played(series(two, { S1E1: finished(5) }))).toEqual(["S1E2", "start", 0]);
    expect(played(series(two, { S1E3: finished(9), S1E1: finished(5) }))).toEqual(["S2E1", "start", 0]);
    expect(played(series(two, { S1E1: finished(9), S1E2: finished(5) }))).toEqual(["S1E3", "start", 0]);
  });

  test("does not stay with an episode that was looked into before others were finished", () => {
    expect(played(series(two, { S2E2: begun(60, 1), S1E1: finished(5) }))).toEqual(["S1E2", "start", 0]);
  });

  test("knows a season whose episodes were marked in one second", () => {
    const marked = { S1E1: finished(5), S1E2: finished(6), S1E3: finished(5) };
    expect(played(series(two, marked))).toEqual(["S2E1", "start", 0]);
  });

  test("comes to the specials last, and a special does not lead on", () => {
    const marked = { S1E1: finished(5), S0E1: finished(9) };
    expect(played(series(two, marked))).toEqual(["S1E2", "start", 0]);
    const all = { S1E1: finished(1), S1E2: finished(2), S1E3: finished(3), S2E1: finished(4), S2E2: finished(5) };
    expect(played(series(two, all))).toEqual(["S0E1", "start", 0]);
  });

  test("goes back to what was left out, and begins again when all is watched", () => {
    expect(played(series({ 1: [1, 2, 3] }, { S1E1: finished(1), S1E3: finished(2) }))).toEqual(["S1E2", "start", 0]);
    expect(played(series({ 1: [1, 2] }, { S1E1: finished(1), S1E2: finished(2) }))).toEqual(["S1E1", "again", 0]);
  });

  test("has seasons and episodes without numbers behind the others", () => {
    const work = series({ none: [1], 0: [1], 1: [null, 1, 2] });
    expect(order(work)).toEqual(["S1E1", "S1E2", "S0E1", "SnoneE1", "S1Ex"]);
    expect(nextAfter(work, { file_unique_id: "SnoneE1" })).toBeNull();
    expect(played(series({ none: [null] }))).toEqual(["SnoneEx", "start", 0]);
  });

  test("takes the state of watching from elsewhere", () => {
    const next = nextToPlay(series(two), (one) => (one.name === "S2E1" ? finished(9) : null));
    expect(next?.file.name).toBe("S2E2");
  });

  test("plays a file of two episodes once", () => {
    const double = file("S1E1-2");
    const episodes = [1, 2].map((episode) => ({ episode, files: [double] }));
    const work = {
      series: true,
      files: [],
      seasons: [{ season: 1, episodes: [...episodes, { episode: 3, files: [file("S1E3")] }] }],
    };
    expect(unitsOf(work).map(numberOf)).toEqual(["S1 E1–2", "S1 E3"]);
    expect(nextAfter(work, double)?.file.name).toBe("S1E3");
  });

  test("goes past both episodes of a double one where they stand alone, too", () => {
    const double = file("S1E1-2", { watched: finished(5) });
    const seasons = [
      {
        season: 1,
        episodes: [
          { episode: 1, files: [double, file("S1E1")] },
          { episode: 2, files: [double] },
          { episode: 3, files: [file("S1E3")] },
        ],
      },
    ];
    const work = { series: true, files: [], seasons };
    expect(unitsOf(work).map(numberOf)).toEqual(["S1 E1", "S1 E2", "S1 E3"]);
    expect(played(work)).toEqual(["S1E3", "start", 0]);
    expect(nextAfter(work, double)?.file.name).toBe("S1E3");
    expect(nextAfter(work, { file_unique_id: "S1E1" })?.file.name).toBe("S1E1-2");
  });

  test("goes on in the same language", () => {
    const both = (episode: number) => ({
      episode,
      files: [file(`de${episode}`, { languages: ["de"] }), file(`en${episode}`, { lines: 720, languages: ["en"] })],
    });
    const work = { series: true, files: [], seasons: [{ season: 1, episodes: [both(1), both(2)] }] };
    expect(nextAfter(work, { file_unique_id: "en1" })?.file.name).toBe("en2");
  });
});

describe("parts", () => {
  test("stand together by their numbers, each set for itself", () => {
    const names = ["Film part 2.mkv", "Film part 1.mkv", "Film.mkv"];
    const cuts = cutsOf(names.map((name) => file(name)));
    expect(cuts.map((cut) => cut.parts.map((part) => part.name))).toEqual([
      ["Film part 1.mkv", "Film part 2.mkv"],
      ["Film.mkv"],
    ]);
    const twice = [file("Film 1of2.mkv"), file("Film 2of2.mkv"), file("Film 1of2.mkv"), file("Film 2of2.mkv")];
    expect(cutsOf(twice).map((cut) => cut.parts.length)).toEqual([2, 2]);
  });

  test("are as good as the worst of them", () => {
    const [cut] = cutsOf([file("Film CD1.avi"), file("Film CD2.avi", { way: "player" })]);
    expect(cut && wayOf(cut)).toBe("player");
  });
});
