import { expect, test } from "vitest";
import { change, finishedNow, inTurn, withChange } from "./personal";
import { queries } from "./query";

const file = (id: string) => ({ file_unique_id: id, favourite: false, facts: { title: "" } });

test("a change reaches every copy of a file, in lists, pages and works", () => {
  const pages = { pages: [{ items: [file("a"), file("b")] }], pageParams: [null] };
  expect(withChange(pages, "b", { favourite: true })).toEqual({
    pages: [{ items: [file("a"), { ...file("b"), favourite: true }] }],
    pageParams: [null],
  });
  const work = { seasons: [{ episodes: [{ episode: 1, files: [file("a")] }] }], files: [] };
  expect(withChange(work, "a", { hidden: true })).toEqual({
    seasons: [{ episodes: [{ episode: 1, files: [{ ...file("a"), hidden: true }] }] }],
    files: [],
  });
});

test("what a change does not concern stays the same object, so that it is not drawn again", () => {
  const list = { items: [file("a"), file("b")], next_cursor: null };
  expect(withChange(list, "c", { favourite: true })).toBe(list);
  expect(withChange(undefined, "c", {})).toBeUndefined();
  const changed = withChange(list, "b", { favourite: true });
  expect(
    typeof changed === "object" && changed && "items" in changed && Array.isArray(changed.items) && changed.items[0],
  ).toBe(list.items[0]);
});

test("the first write is answered before others are sent, and a failed one does not hold them up", async () => {
  const sent: string[] = [];
  const gate: { open?: () => void } = {};
  const failing = inTurn(() => Promise.reject(new Error("away")));
  await expect(failing).rejects.toThrow("away");
  const first = inTurn(() => {
    sent.push("first");
    return new Promise<void>((done) => {
      gate.open = done;
    });
  });
  const others = [inTurn(async () => sent.push("second")), inTurn(async () => sent.push("third"))];
  await Promise.resolve();
  expect(sent).toEqual(["first"]);
  gate.open?.();
  await Promise.all([first, ...others]);
  expect(sent).toEqual(["first", "second", "third"]);
});

test("a file that was watched to its end", () => {
  expect(finishedNow({ duration: 60 }, 9_500)).toEqual({ position: 60, duration: 60, finished: true, updated: 9 });
});

test("what was read before a change was stored does not bring the old state back", async () => {
  const key = ["work", "a"];
  const shown = () => queries.getQueryData<{ favourite: boolean }>(key)?.favourite;
  const a = { ...file("a"), chat_id: 1, message_id: 1 };
  queries.setQueryData(key, a);
  let stored = a;
  const held: (() => void)[] = [];
  const read = () => {
    const now = stored;
    return new Promise<typeof a>((done) => held.push(() => done(now)));
  };
  const old = queries.fetchQuery({ queryKey: key, queryFn: read, staleTime: 0 });
  await change(a, { favourite: true }, { favourite: false }, [], async () => {
    stored = { ...a, favourite: true };
    held.shift()?.();
    await old;
    expect(shown()).toBe(false);
  });
  expect(shown()).toBe(true);
  queries.clear();
});
