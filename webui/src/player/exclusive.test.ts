import { expect, test, vi } from "vitest";
import { beginSounding } from "./exclusive";

test("who begins stops who sounded before, once", () => {
  const [music, film] = [vi.fn(), vi.fn()];
  beginSounding(music);
  beginSounding(music); // a song after a song
  expect(music).not.toHaveBeenCalled();
  beginSounding(film);
  expect(music).toHaveBeenCalledOnce();
  expect(film).not.toHaveBeenCalled();
});

test("who has released is not stopped", () => {
  const music = vi.fn();
  const release = beginSounding(music);
  release();
  beginSounding(vi.fn());
  expect(music).not.toHaveBeenCalled();
});

test("a late release leaves the one who sounds now", () => {
  const film = vi.fn();
  const release = beginSounding(vi.fn());
  beginSounding(film);
  release();
  beginSounding(vi.fn());
  expect(film).toHaveBeenCalledOnce();
});
