import { expect, test } from "vitest";
import { type Found, remedyFor, type Tried } from "./trouble";

const fresh: Tried = { retries: 0, renewed: false, hls: false };
const answer = (status: number, more: Partial<Found> = {}): Found => ({ status, retryAfter: 0, play: null, ...more });

test("waits for a server that is away, longer each time, but not for ever", () => {
  expect(remedyFor(answer(0), fresh)).toEqual({ take: "wait", seconds: 1 });
  expect(remedyFor(answer(0), { ...fresh, retries: 3 })).toEqual({ take: "wait", seconds: 8 });
  expect(remedyFor(answer(503), { ...fresh, retries: 9 })).toEqual({ take: "wait", seconds: 30 });
  expect(remedyFor(answer(503, { retryAfter: 12 }), fresh)).toEqual({ take: "wait", seconds: 12 });
  expect(remedyFor(answer(0), { ...fresh, retries: 30 })).toMatchObject({ take: "skip", why: "away" });
});

test("asks for a new address once when the old one has expired", () => {
  expect(remedyFor(answer(403), fresh)).toEqual({ take: "renew" });
  expect(remedyFor(answer(403), { ...fresh, renewed: true })).toMatchObject({ take: "skip", why: "forbidden" });
});

test("leaves out what is gone", () => {
  expect(remedyFor(answer(410), fresh)).toMatchObject({ take: "skip", why: "gone" });
});

test("takes HLS where the server offers it, once", () => {
  const found = answer(200, { play: { way: "hls.js", reasons: { direct: "No decoder." } } });
  expect(remedyFor(found, fresh)).toEqual({ take: "hls" });
  expect(remedyFor(found, { ...fresh, hls: true })).toEqual({ take: "skip", why: "undecodable", said: "No decoder." });
});

test("says why a browser cannot play it", () => {
  const found = answer(200, { play: { way: "player", reasons: { direct: "The browser does not decode wma." } } });
  expect(remedyFor(found, fresh)).toMatchObject({ why: "undecodable", said: "The browser does not decode wma." });
});
