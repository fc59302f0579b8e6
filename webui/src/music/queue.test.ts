import { describe, expect, test } from "vitest";
import * as q from "./queue";

const track = (message: number): q.Track => ({
  chat_id: -100,
  message_id: message,
  name: `${message}.mp3`,
  title: `Song ${message}`,
  performer: "Band",
  caption: "",
  kind: "audio",
  mime_type: "audio/mpeg",
  size: 1,
  duration: 60,
  date: message,
  stream_url: `/stream/-100/${message}`,
  thumb_url: null,
  placeholder: null,
  file_unique_id: String(message),
  watched: null,
});
const five = [1, 2, 3, 4, 5].map(track);
const order = (queue: q.Queue) => queue.entries.map((one) => one.message);
const playing = (queue: q.Queue) => q.current(queue)?.message;
const lowest = () => 0;

describe("order", () => {
  test("begins with the chosen song and goes on to the end", () => {
    const queue = q.replaced(q.EMPTY, five, 3, lowest);
    expect(playing(queue)).toBe(4);
    expect(q.nextOf(queue, false)).toBe(4);
    expect(q.nextOf({ ...queue, at: 4 }, false)).toBe(-1);
  });

  test("repeat: all begins anew, one stays unless a person goes on", () => {
    const queue = { ...q.replaced(q.EMPTY, five, 4, lowest), repeat: "all" as const };
    expect(q.nextOf(queue, false)).toBe(0);
    expect(q.nextOf({ ...queue, at: 2, repeat: "one" }, false)).toBe(2);
    expect(q.nextOf({ ...queue, at: 2, repeat: "one" }, true)).toBe(3);
  });

  test("previous begins the song again once some seconds of it were heard", () => {
    const queue = q.replaced(q.EMPTY, five, 2, lowest);
    expect(q.previousOf(queue, 10)).toBe(2);
    expect(q.previousOf(queue, 1)).toBe(1);
    expect(q.previousOf({ ...queue, at: 0 }, 1)).toBe(0);
    expect(q.previousOf({ ...queue, at: 0, repeat: "all" }, 1)).toBe(4);
  });

  test("an empty queue has nothing next", () => {
    expect(q.nextOf(q.EMPTY, true)).toBe(-1);
    expect(q.current(q.EMPTY)).toBeUndefined();
    expect(q.replaced(q.EMPTY, [], 0, lowest).at).toBe(-1);
  });
});

describe("changes", () => {
  test("adds at the end, and next behind what plays", () => {
    const queue = q.replaced(q.EMPTY, five.slice(0, 3), 1, lowest);
    expect(order(q.added(queue, [track(9)]))).toEqual([1, 2, 3, 9]);
    expect(order(q.added(queue, [track(9)], true))).toEqual([1, 2, 9, 3]);
    expect(q.added(q.EMPTY, [track(9)]).at).toBe(0);
  });

  test("the same song twice has two places", () => {
    const queue = q.added(q.replaced(q.EMPTY, [track(1)], 0, lowest), [track(1)]);
    expect(new Set(queue.entries.map((one) => one.id)).size).toBe(2);
  });

  test("removing keeps what plays; removing it goes to the one behind it", () => {
    const queue = q.replaced(q.EMPTY, five, 2, lowest);
    expect(playing(q.removed(queue, 0))).toBe(3);
    expect(playing(q.removed(queue, 4))).toBe(3);
    expect(playing(q.removed(queue, 2))).toBe(4);
    expect(playing(q.removed({ ...queue, at: 4 }, 4))).toBe(4);
    expect(q.removed(q.replaced(q.EMPTY, [track(1)], 0, lowest), 0).at).toBe(-1);
    expect(q.removed(queue, 9)).toBe(queue);
  });

  test("moving keeps what plays", () => {
    const queue = q.replaced(q.EMPTY, five, 2, lowest);
    const up = q.moved(queue, 4, 0);
    expect(order(up)).toEqual([5, 1, 2, 3, 4]);
    expect(playing(up)).toBe(3);
    expect(q.moved(queue, 0, -1)).toBe(queue);
    expect(q.moved(queue, 0, 5)).toBe(queue);
  });

  test("is bounded", () => {
    const many = Array.from({ length: q.MOST + 5 }, (_, at) => track(at));
    const queue = q.replaced(q.EMPTY, many, 0, lowest);
    expect(queue.entries).toHaveLength(q.MOST);
    expect(q.added(queue, five).entries).toHaveLength(q.MOST);
  });
});

describe("shuffle", () => {
  test("keeps what plays first, holds every song once, and goes back to the order", () => {
    const queue = q.replaced(q.EMPTY, five, 2, lowest);
    const mixed = q.shuffle(queue, lowest);
    expect(mixed.at).toBe(0);
    expect(playing(mixed)).toBe(3);
    expect(order(mixed)).not.toEqual(order(queue));
    expect(order(mixed).toSorted()).toEqual([1, 2, 3, 4, 5]);
    const back = q.shuffle(mixed, lowest);
    expect(order(back)).toEqual([1, 2, 3, 4, 5]);
    expect(playing(back)).toBe(3);
  });

  test("what was moved before stays moved", () => {
    const queue = q.moved(q.replaced(q.EMPTY, five, 0, lowest), 4, 1);
    expect(order(q.shuffle(q.shuffle(queue, lowest), lowest))).toEqual([1, 5, 2, 3, 4]);
  });

  test("new songs come mixed, with the chosen one first", () => {
    const queue = q.replaced({ ...q.EMPTY, shuffled: true }, five, 3, lowest);
    expect(queue.shuffled).toBe(true);
    expect(order(queue)[0]).toBe(4);
  });
});

test("gives up after five songs in a row, or after each song of a short queue", () => {
  const queue = q.replaced(q.EMPTY, five.concat(five), 0, lowest);
  expect(q.givesUp(queue, 4)).toBe(false);
  expect(q.givesUp(queue, 5)).toBe(true);
  expect(q.givesUp(q.replaced(q.EMPTY, five.slice(0, 2), 0, lowest), 2)).toBe(true);
});

test("after a reload, places are there before their tracks", () => {
  const queue: q.Queue = { ...q.EMPTY, entries: q.bareEntries([[-100, 7]]), at: 0 };
  const entry = q.current(queue);
  expect(entry?.track).toBeNull();
  expect(q.current(q.told(queue, entry?.id ?? 0, track(7)))?.track?.title).toBe("Song 7");
});
