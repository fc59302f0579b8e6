import { describe, expect, test } from "vitest";
import { type Outcome, type Started, startedOf } from "@/api/login";
import { Problem } from "@/api/problem";
import { logIn, type Server, type Step } from "./flow";

const LOGIN: Started = { code: "ABCD-EFGH", number: 27, botUrl: "", expiresAt: 1300, qr: null, secret: "" };

function serverOf(answers: (Outcome | Error)[], login: Started | Error = LOGIN) {
  const pauses: number[] = [];
  const server: Server = {
    start: async () => {
      if (login instanceof Error) throw login;
      return login;
    },
    wait: async () => {
      const next = answers.shift() ?? "expired";
      if (next instanceof Error) throw next;
      return next;
    },
    pause: async (seconds) => {
      pauses.push(seconds);
    },
    now: () => 1_000_000,
  };
  return { server, pauses };
}

async function stepsOf(server: Server, signal = new AbortController().signal): Promise<Step[]> {
  const steps: Step[] = [];
  await logIn(server, (step) => steps.push(step), signal);
  return steps;
}

describe("a log-in", () => {
  test("is asked for again until the person has answered", async () => {
    const { server, pauses } = serverOf(["waiting", "waiting", "confirmed"]);
    const steps = await stepsOf(server);
    expect(steps.map((step) => step.at)).toEqual(["starting", "waiting", "in"]);
    expect(steps[1]).toMatchObject({ login: LOGIN, until: 1_300_000, trouble: "" });
    expect(pauses).toEqual([0]);
  });

  test.each(["refused", "expired"] as const)("that is %s ends with a reason", async (outcome) => {
    expect((await stepsOf(serverOf([outcome]).server)).at(-1)).toMatchObject({ at: "over", why: outcome });
  });

  test("outlasts a server that is away or busy, and says so meanwhile", async () => {
    const { server, pauses } = serverOf([
      new Problem(0, "", "The server cannot be reached."),
      new Problem(429, "", "Too many", 5),
      new Problem(503, "", "Starting", 90),
      "waiting",
      "confirmed",
    ]);
    const steps = await stepsOf(server);
    expect(steps.map((step) => ("trouble" in step ? step.trouble : step.at))).toEqual([
      "starting",
      "",
      "The server cannot be reached.",
      "Too many",
      "Starting",
      "",
      "in",
    ]);
    expect(pauses).toEqual([0, 3, 5, 15]);
  });

  test("of somebody who may not use the server ends with the server's words", async () => {
    const steps = await stepsOf(serverOf([new Problem(403, "", "Ask an owner.")]).server);
    expect(steps.at(-1)).toEqual({ at: "over", why: "blocked", words: "Ask an owner.", retryAt: 0 });
  });

  test("that cannot begin says when to try again", async () => {
    const steps = await stepsOf(serverOf([], new Problem(429, "", "Too many", 40)).server);
    expect(steps.at(-1)).toEqual({ at: "over", why: "failed", words: "Too many", retryAt: 1_040_000 });
  });

  test("says nothing after the page was left", async () => {
    const leaving = new AbortController();
    const { server } = serverOf([]);
    server.wait = async () => {
      leaving.abort();
      throw new DOMException("", "AbortError");
    };
    expect((await stepsOf(server, leaving.signal)).map((step) => step.at)).toEqual(["starting", "waiting"]);
  });

  test("trusts no clock: a code is shown for half a minute at least and five at most", async () => {
    const late = await stepsOf(serverOf(["confirmed"], { ...LOGIN, expiresAt: 5 }).server);
    const early = await stepsOf(serverOf(["confirmed"], { ...LOGIN, expiresAt: 99_999 }).server);
    expect([late[1], early[1]]).toMatchObject([{ until: 1_030_000 }, { until: 1_300_000 }]);
  });
});

describe("the answer of start", () => {
  const told = {
    code: "ABCD",
    number: 7,
    bot_url: "https://t.me/bot?start=1",
    expires_at: 9,
    qr: { size: 3, path: "M0 0h1v1h-1z" },
  };

  test("is taken as it is", () => {
    expect(startedOf(told)).toEqual({
      code: "ABCD",
      number: 7,
      botUrl: "https://t.me/bot?start=1",
      expiresAt: 9,
      qr: { size: 3, path: "M0 0h1v1h-1z" },
      secret: "",
    });
  });

  test("without a bot has neither address nor picture, and no other address counts as the bot's", () => {
    expect(startedOf({ ...told, bot_url: null, qr: null })).toMatchObject({ botUrl: "", qr: null });
    expect(startedOf({ ...told, bot_url: "javascript:alert(1)", qr: { size: 3, path: "<svg>" } })).toMatchObject({
      botUrl: "",
      qr: null,
    });
  });

  test("without a code is a problem", () => {
    expect(() => startedOf({})).toThrow(Problem);
    expect(() => startedOf(null)).toThrow(Problem);
  });
});
