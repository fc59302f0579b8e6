import { describe, expect, it, vi } from "vitest";
import { beginOf, creditsOf, Keeper, otherDevice } from "./progress";

const keeper = (credits?: () => number) => {
  const save = vi.fn();
  return { save, keeper: new Keeper(save, credits) };
};
const at = (time: number, duration = 1000) => ({ time, duration });

describe("Keeper", () => {
  it("stores nothing before playing or seeking began, not even when the page is left", () => {
    const { save, keeper: one } = keeper();
    for (const why of ["tick", "pause", "seek", "leave"] as const) one.at(why, at(0));
    expect(save).not.toHaveBeenCalled();
  });

  it("stores every ten seconds of playing", () => {
    const { save, keeper: one } = keeper();
    one.begin();
    for (let time = 100; time <= 125; time += 0.25) one.at("tick", at(time));
    expect(save.mock.calls.map(([progress]) => progress.position)).toEqual([110, 120]);
  });

  it("stores at once at pauses, seeks and when it is left, but no place twice", () => {
    const { save, keeper: one } = keeper();
    one.begin();
    one.at("pause", at(3.04));
    one.at("leave", at(3.1));
    one.at("seek", at(500));
    expect(save.mock.calls.map(([progress]) => progress)).toEqual([
      { position: 3, duration: 1000, finished: false },
      { position: 500, duration: 1000, finished: false },
    ]);
  });

  it("is finished at 95 %, or where the credits begin, and not any more when it is gone back", () => {
    const { save, keeper: one } = keeper(() => 900);
    one.begin();
    one.at("tick", at(899));
    one.at("tick", at(900));
    one.at("seek", at(100));
    one.at("seek", at(960));
    expect(save.mock.calls.map(([progress]) => progress.finished)).toEqual([true, false, true]);
  });

  it("says no length where it knows none", () => {
    const { save, keeper: one } = keeper();
    one.begin();
    one.at("pause", { time: 5, duration: 0 });
    expect(save).toHaveBeenCalledWith({ position: 5, finished: false });
  });
});

describe("creditsOf", () => {
  const chapters = (title: string, start: number) => [
    { start: 0, end: start, title: "Film" },
    { start, end: 1000, title },
  ];
  it("is the start of a last chapter that is called so", () => {
    expect(creditsOf(chapters("End Credits", 930), 1000)).toBe(930);
    expect(creditsOf(chapters("Abspann", 930), 1000)).toBe(930);
    expect(creditsOf(chapters("Accreditation", 930), 1000)).toBe(Number.POSITIVE_INFINITY);
    expect(creditsOf(chapters("Credits", 100), 1000)).toBe(Number.POSITIVE_INFINITY);
    expect(creditsOf([], 1000)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("beginOf", () => {
  const saved = { position: 300, finished: false };
  const from = { touched: true, duration: 1000 };
  it("asks where to begin a film that was begun", () => {
    expect(beginOf(saved, from)).toEqual({ at: 300, ask: true, play: false });
  });
  it("resumes by itself where that was asked for, and asks after a reload", () => {
    expect(beginOf(saved, { ...from, resume: true })).toEqual({ at: 300, ask: false, play: true });
    expect(beginOf(saved, { ...from, resume: true, touched: false })).toMatchObject({ ask: true });
  });
  it("begins at the moment in the address", () => {
    expect(beginOf(saved, { ...from, t: 42 })).toEqual({ at: 42, ask: false, play: true });
  });
  it("begins anew what was finished, hardly begun or almost over", () => {
    for (const one of [null, { ...saved, finished: true }, { ...saved, position: 4 }, { ...saved, position: 960 }]) {
      expect(beginOf(one, from)).toEqual({ at: 0, ask: false, play: true });
    }
  });
  it("does not play by itself where nobody has asked", () => {
    expect(beginOf(null, { ...from, touched: false })).toEqual({ at: 0, ask: false, play: false });
  });
});

describe("otherDevice", () => {
  const told = { position: 500, duration: 1000, finished: false, updated: 200 };
  it("follows a later state that is somewhere else", () => {
    expect(otherDevice(told, 100, 10)).toBe(500);
    expect(otherDevice(told, null, 10)).toBe(500);
  });
  it("stays with its own state, an older one, the same place, and what was finished elsewhere", () => {
    expect(otherDevice(told, 200, 10)).toBeNull();
    expect(otherDevice(told, 300, 10)).toBeNull();
    expect(otherDevice(told, 100, 497)).toBeNull();
    expect(otherDevice({ ...told, finished: true }, 100, 10)).toBeNull();
    expect(otherDevice({ ...told, updated: null }, null, 10)).toBeNull();
  });
});
