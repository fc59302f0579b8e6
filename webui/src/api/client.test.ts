import { beforeEach, expect, test, vi } from "vitest";

let asked: Request[] = [];
vi.stubGlobal("location", new URL("https://tv.example.org/watch/1/2?token=abc"));
vi.stubGlobal("fetch", async (request: Request) => {
  asked.push(request);
  return new Response("{}", { status: 200, headers: { "Content-Type": "application/json" } });
});
const { ask, client } = await import("./client");
beforeEach(() => {
  asked = [];
});

test("the page's token goes with every request, and the API lies at the root whatever page asks first", async () => {
  await ask(client().GET("/api/me"));
  expect(asked[0]?.url).toBe("https://tv.example.org/api/me?token=abc");
});

test("a body is sent as it is, also where the token is added", async () => {
  await ask(client().POST("/api/index", { body: { chat_id: -5, again: false } }));
  expect(asked[0]?.method).toBe("POST");
  expect(await asked[0]?.json()).toEqual({ chat_id: -5, again: false });
  expect(asked[0]?.headers.get("Content-Type")).toBe("application/json");
});
