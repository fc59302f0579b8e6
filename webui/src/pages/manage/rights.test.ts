import { expect, test, vi } from "vitest";

vi.stubGlobal("navigator", { language: "en-GB", languages: ["en-GB"] });
const { draftOf, grantOf, rightsInWords } = await import("./rights");

test("a new member may do all that members may, in all channels", () => {
  const { id, grant, wrong } = grantOf({ ...draftOf(undefined), id: " 42 ", name: " Ben " });
  expect({ id, wrong }).toEqual({ id: 42, wrong: null });
  expect(grant).toEqual({ name: "Ben", chats: null, can: null });
});

test("what is unchanged of a member stays as it is", () => {
  const person = { id: 7, name: "Ann", role: "member", can: ["read"], chats: [-1, -2], since: null };
  expect(grantOf(draftOf(person))).toEqual({
    id: 7,
    wrong: null,
    grant: { name: "Ann", chats: [-1, -2], can: ["read"] },
  });
});

test("downloads from links, and calls, are for members who got the right by name, and are kept", () => {
  const all = ["read", "links", "playback", "leech", "voice"];
  expect(draftOf(undefined).can).not.toContain("leech");
  const draft = draftOf({ id: 7, name: "Ann", role: "member", can: all, chats: null, since: null });
  expect(grantOf(draft).grant.can).toEqual(all);
  expect(grantOf({ ...draft, can: ["playback", "read", "links"] }).grant.can).toBeNull();
});

test.each([
  [{ id: "@ann" }, "id"],
  [{ id: "" }, "id"],
  [{ id: "1".repeat(16) }, "id"],
  [{ id: "1", can: [] }, "rights"],
  [{ id: "1", all: false, chats: [] }, "channels"],
])("%j has to be mended: %s", (change, wrong) => {
  expect(grantOf({ ...draftOf(undefined), ...change }).wrong).toBe(wrong);
});

test("rights are said in words", () => {
  expect(rightsInWords(["links", "read"])).toBe("watch and download and make links for others");
});
