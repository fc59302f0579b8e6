import { describe, expect, test } from "vitest";
import { albumsOf, albumWith, artistsOf, lengthOf, namedIn, performerKey, trackNumber } from "./albums";

let next = 0;
const song = (more: Partial<ReturnType<typeof plain>> = {}) => ({ ...plain(), ...more });
const plain = () => {
  next += 1;
  return {
    chat_id: -100,
    message_id: next,
    name: `song ${next}.mp3`,
    title: `Song ${next}`,
    performer: "Kestrel & Moss",
    caption: "",
    duration: 100 as number | null,
    date: next * 100_000,
    album: null as string | null,
    thumb_url: null as string | null,
  };
};
const posted = (album: string, count: number, more: Partial<ReturnType<typeof plain>> = {}) =>
  Array.from({ length: count }, () => song({ album, date: 1000, ...more }));

describe("albums", () => {
  test("what was posted together is one, called by its text", () => {
    const songs = posted("a", 3, { caption: "Kestrel & Moss – Low Tide (2021) #album" });
    const [album, ...others] = albumsOf([...songs].reverse());
    expect(others).toEqual([]);
    expect(album).toMatchObject({ title: "Low Tide", artist: "Kestrel & Moss", year: "2021" });
    expect(album?.songs).toEqual(songs);
    expect(album?.key).toBe(`-100_${songs[0]?.message_id}`);
  });

  test("a song alone is none, nor are two that were sent one by one", () => {
    expect(albumsOf([song(), song({ album: "only one of it is sound" })])).toEqual([]);
    expect(albumsOf([song({ date: 1 }), song({ date: 2 })])).toEqual([]);
  });

  test("three of one performer within minutes are, of several performers are not", () => {
    expect(albumsOf([song({ date: 1 }), song({ date: 200 }), song({ date: 400 })])).toHaveLength(1);
    expect(albumsOf([song({ date: 1 }), song({ date: 200, performer: "B" }), song({ date: 400 })])).toEqual([]);
    expect(albumsOf([1, 2, 3].map(() => song({ date: 1, performer: "" })))).toEqual([]);
  });

  test("an album of 14 comes in two parts", () => {
    const first = posted("a", 10, { caption: "Long Album" });
    const second = posted("b", 4, { date: 1005 });
    const albums = albumsOf([...first, ...second]);
    expect(albums).toHaveLength(1);
    expect(albums[0]?.songs).toHaveLength(14);
    expect(albums[0]?.title).toBe("Long Album");
  });

  test("two albums of one performer after each other stay two", () => {
    expect(albumsOf([...posted("a", 4, { caption: "One" }), ...posted("b", 4, { caption: "Two" })])).toHaveLength(2);
    const full = [...posted("c", 10, { caption: "One" }), ...posted("d", 4, { caption: "Two" })];
    expect(albumsOf(full)).toHaveLength(2);
  });

  test("channels are apart", () => {
    expect(albumsOf([...posted("a", 2), ...posted("a", 2, { chat_id: -200 })])).toHaveLength(2);
  });

  test("order by the numbers in the names where all have one, else as posted", () => {
    const names = (songs: readonly { name: string }[] | undefined) => songs?.map((one) => one.name);
    const numbered = ["03 c.mp3", "01 a.mp3", "02 b.mp3"].map((name) => song({ album: "n", date: 1, name }));
    expect(names(albumsOf(numbered)[0]?.songs)).toEqual(["01 a.mp3", "02 b.mp3", "03 c.mp3"]);
    const mixed = ["03 c.mp3", "a.mp3"].map((name) => song({ album: "m", date: 1, name }));
    expect(names(albumsOf(mixed)[0]?.songs)).toEqual(["03 c.mp3", "a.mp3"]);
  });

  test("songs of several performers have no artist; texts of their own name no album", () => {
    const [album] = albumsOf([
      song({ album: "v", performer: "A", caption: "x" }),
      song({ album: "v", performer: "B", caption: "y" }),
    ]);
    expect(album).toMatchObject({ artist: "", title: "" });
  });

  test("the cover is of a song that has one", () => {
    const songs = [song({ album: "p" }), song({ album: "p", thumb_url: "/thumb/1" })];
    expect(albumsOf(songs)[0]?.cover).toBe(songs[1]);
  });

  test("is found by any of its messages", () => {
    const songs = posted("f", 3);
    expect(albumWith(songs, -100, songs[2]?.message_id ?? 0)?.songs).toHaveLength(3);
    expect(albumWith(songs, -100, 0)).toBeUndefined();
  });
});

describe("names", () => {
  test.each([
    ["Kestrel & Moss – Low Tide (2021) #album", "Kestrel & Moss", "Low Tide", "2021"],
    ["🎵 Album: Blue Hours [1999]", "", "Blue Hours", "1999"],
    ["#jazz @channel\nNight Ferry, 2004", "", "Night Ferry, 2004", "2004"],
    ["1989", "Someone", "1989", "1989"],
    ["Self Titled", "Self Titled", "Self Titled", ""],
    ["https://example.org/x", "", "", ""],
    ["ألبوم: ليل", "", "ليل", ""],
    ["", "", "", ""],
  ])("%s by %s", (caption, artist, title, year) => expect(namedIn(caption, artist)).toEqual({ title, year }));

  test.each([
    ["01 First.mp3", 1],
    ["12. Last.flac", 12],
    ["2-03 x.mp3", 2003],
    ["(7) x.mp3", 7],
    ["1999.mp3", null],
    ["song.mp3", null],
    ["99 Luftballons.mp3", 99],
  ])("track number of %s", (name, number) => expect(trackNumber(name)).toBe(number));

  test("guests are left out", () => {
    expect(performerKey("ABBA feat. Someone")).toBe("abba");
    expect(performerKey("Abba (ft. X)")).toBe("abba");
    expect(performerKey("Daft Punk")).toBe("daft punk");
  });
});

test("artists: spelled as mostly, by name, those without a name last", () => {
  const artists = artistsOf([
    song({ performer: "" }),
    song({ performer: "ZZ" }),
    song({ performer: "abba" }),
    song({ performer: "ABBA" }),
    song({ performer: "ABBA" }),
  ]);
  expect(artists.map((one) => [one.name, one.songs.length])).toEqual([
    ["ABBA", 3],
    ["ZZ", 1],
    ["", 1],
  ]);
});

test("length", () => expect(lengthOf([song(), song({ duration: null })])).toBe(100));
