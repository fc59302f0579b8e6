import { describe, expect, it, vi } from "vitest";
import { NETWORK, Recovery } from "./recovery";

const DECODE = 3;
const place = { src: "/stream/1/2", at: 42, had: true };

function made(...answers: number[]) {
  const hands = {
    probe: vi.fn(async () => ({
      status: answers.length > 1 ? (answers.shift() ?? 0) : (answers[0] ?? 0),
      retryAfter: 0,
      detail: "",
    })),
    sleep: vi.fn(async () => {}),
    say: vi.fn(),
    fail: vi.fn(),
    load: vi.fn(),
  };
  return { hands, recovery: new Recovery(hands) };
}

describe("a server that is away", () => {
  it("is asked with growing pauses, told, and played on at the same place when it is back", async () => {
    const { hands, recovery } = made(0, 0, 503, 200);
    await recovery.run(NETWORK, place);
    expect(hands.sleep.mock.calls).toEqual([[1], [2], [4]]);
    expect(hands.say.mock.calls.at(-1)).toEqual([""]);
    expect(hands.load).toHaveBeenCalledExactlyOnceWith("/stream/1/2", 42);
    expect(hands.fail).not.toHaveBeenCalled();
  });

  it("is not asked any more once another source was taken", async () => {
    const { hands, recovery } = made(0);
    hands.sleep.mockImplementation(async () => recovery.cancel());
    await recovery.run(NETWORK, place);
    expect(hands.probe).toHaveBeenCalledTimes(1);
    expect(hands.load).not.toHaveBeenCalled();
  });
});

describe("a server that is well", () => {
  it("gives a broken connection at once, the next ones after a pause", async () => {
    const { hands, recovery } = made(200);
    await recovery.run(NETWORK, place);
    expect(hands.sleep).not.toHaveBeenCalled();
    await recovery.run(NETWORK, place);
    expect(hands.sleep.mock.calls).toEqual([[4]]);
    expect(hands.load).toHaveBeenCalledTimes(2);
  });

  it("is tried twice more after what the decoder does not like, and then said to be damaged", async () => {
    const { hands, recovery } = made(200);
    for (let tries = 0; tries < 3; tries += 1) await recovery.run(DECODE, place);
    expect(hands.load).toHaveBeenCalledTimes(2);
    expect(hands.fail).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ kind: "broken", again: true }));
  });

  it("cannot make a browser take what it never read", async () => {
    const { hands, recovery } = made(200);
    for (let tries = 0; tries < 2; tries += 1) await recovery.run(4, { ...place, at: 0, had: false });
    expect(hands.fail).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ kind: "cannot" }));
    recovery.reset();
    await recovery.run(4, { ...place, at: 0, had: false });
    expect(hands.load).toHaveBeenCalledTimes(2);
  });

  it("gets more time where nothing comes", async () => {
    const { hands, recovery } = made(200);
    hands.sleep.mockImplementation(async () => recovery.flows());
    await recovery.hangs(place);
    expect(hands.load).not.toHaveBeenCalled();
  });
});

it("stops where the file is gone or the link has ended", async () => {
  const { hands, recovery } = made(410);
  await recovery.run(NETWORK, place);
  expect(hands.fail).toHaveBeenCalledWith(expect.objectContaining({ kind: "gone" }));
});
