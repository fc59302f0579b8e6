import { describe, expect, it } from "vitest";
import { commandOf, sliderKey, speedAfter, type Where } from "./keys";

const free: Where = { field: false, control: false, pointer: true, paused: false };
const press = (key: string, where: Partial<Where> = {}, more = {}) =>
  commandOf({ key, ctrlKey: false, metaKey: false, altKey: false, ...more }, { ...free, ...where });

describe("commandOf", () => {
  it("knows the keys of YouTube, in both cases", () => {
    expect(press("k")).toEqual({ do: "toggle" });
    expect(press("K")).toEqual({ do: "toggle" });
    expect(press(" ")).toEqual({ do: "toggle" });
    expect(press("j")).toEqual({ do: "move", by: -10 });
    expect(press("ArrowRight")).toEqual({ do: "move", by: 5 });
    expect(press("7")).toEqual({ do: "percent", to: 70 });
    expect(press("?")).toEqual({ do: "help" });
    expect(press(">")).toEqual({ do: "speed", by: 0.25 });
  });

  it("leaves typing and the browser's own keys alone", () => {
    expect(press("k", { field: true })).toBeNull();
    expect(press("f", {}, { ctrlKey: true })).toBeNull();
    expect(press("ArrowLeft", {}, { altKey: true })).toBeNull();
    expect(press("x")).toBeNull();
  });

  it("leaves space and arrows to a control that has the focus, letters not", () => {
    expect(press(" ", { control: true })).toBeNull();
    expect(press("ArrowRight", { control: true })).toBeNull();
    expect(press("Home", { control: true })).toBeNull();
    expect(press("l", { control: true })).toEqual({ do: "move", by: 10 });
  });

  it("changes the volume by arrows only where a pointer is used: a remote control goes to the controls with them", () => {
    expect(press("ArrowUp")).toEqual({ do: "volume", by: 0.05 });
    expect(press("ArrowDown", { pointer: false })).toBeNull();
  });

  it("steps by frames only when paused", () => {
    expect(press(",", { paused: true })).toEqual({ do: "frame", by: -1 });
    expect(press(".")).toBeNull();
  });
});

it("keeps the speed within what there is", () => {
  expect(speedAfter(1, 0.25)).toBe(1.25);
  expect(speedAfter(2, 0.25)).toBe(2);
  expect(speedAfter(0.5, -0.25)).toBe(0.5);
});

describe("a slider among controls", () => {
  const middle = { atStart: false, atEnd: false };

  it("is passed by arrows until it is held, so that a remote control is not caught in it", () => {
    expect(sliderKey("ArrowLeft", { held: false, ...middle })).toEqual({ do: "move", by: -1 });
    expect(sliderKey("ArrowRight", { held: false, ...middle })).toEqual({ do: "move", by: 1 });
    expect(sliderKey("ArrowUp", { held: false, ...middle })).toBeNull();
  });

  it("changes by arrows while it is held, and is left at its ends", () => {
    expect(sliderKey("Enter", { held: false, ...middle })).toEqual({ do: "hold", on: true });
    expect(sliderKey("ArrowLeft", { held: true, ...middle })).toBeNull();
    expect(sliderKey("ArrowLeft", { held: true, atStart: true, atEnd: false })).toEqual({ do: "move", by: -1 });
    expect(sliderKey("ArrowRight", { held: true, atStart: false, atEnd: true })).toEqual({ do: "move", by: 1 });
    expect(sliderKey("Enter", { held: true, ...middle })).toEqual({ do: "hold", on: false });
  });
});
