import { describe, expect, test } from "vitest";
import { hits, rates, type Sample, streamRates, withSample } from "./history";

const at = (time: number, bytes: number): Sample<{ bytes: number }> => ({ at: time, total: { bytes } });

describe("samples", () => {
  test("are bounded: the oldest make room", () => {
    let samples: Sample<{ bytes: number }>[] = [];
    for (let time = 0; time < 40; time += 2) samples = withSample(samples, at(time, time), 5);
    expect(samples.map((one) => one.at)).toEqual([28, 30, 32, 34, 36, 38]);
  });

  test("of a server that was restarted begin anew", () => {
    expect(withSample([at(0, 500), at(2, 900)], at(4, 10))).toEqual([at(4, 10)]);
  });

  test("that come at the same moment count once", () => {
    expect(withSample([at(0, 5)], at(0.1, 9))).toEqual([at(0, 5)]);
  });
});

test("rates are changes per second, one fewer than samples", () => {
  const samples = [at(0, 0), at(2, 100), at(3, 100), at(7, 500)];
  expect(rates(samples, ["bytes"])).toEqual({ times: [2, 3, 7], values: [[50, 0, 100]] });
  expect(rates([at(0, 0)], ["bytes"])).toEqual({ times: [], values: [[]] });
});

test("hits are pieces that were not asked of Telegram", () => {
  expect(hits({ memory: 6, disk: 2, telegram: 2 })).toEqual({ served: 8, of: 10 });
  expect(hits({ memory: 0, disk: 0, telegram: 0 })).toBeNull();
});

test("the rate of a stream is what it got since it was last seen", () => {
  const key = (one: { id: string }) => one.id;
  const first = streamRates(new Map(), [{ id: "a", bytes: 100 }], key, 10);
  expect(first.get("a")?.rate).toBe(0);
  const then = streamRates(
    first,
    [
      { id: "a", bytes: 300 },
      { id: "b", bytes: 50 },
    ],
    key,
    12,
  );
  expect([then.get("a")?.rate, then.get("b")?.rate]).toEqual([100, 0]);
  expect([...streamRates(then, [{ id: "b", bytes: 50 }], key, 14).keys()]).toEqual(["b"]);
});
