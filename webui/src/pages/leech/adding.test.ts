import { expect, test } from "vitest";
import { Problem } from "@/api/problem";
import { addAll, leftOf } from "./adding";
import { job } from "./example";

const server = (faults: Record<string, number>) => {
  const asked: string[] = [];
  const add = async (address: string) => {
    asked.push(address);
    const status = faults[address];
    if (status === 200) return { job: job({ source: address }), isNew: false };
    if (status !== undefined) throw new Problem(status, "", `fault ${status}`);
    return { job: job({ source: address }), isNew: true };
  };
  return { asked, add };
};

test("each address is told of by itself, and those that were refused stay", async () => {
  const { add } = server({ b: 400, c: 200, d: 422 });
  const tried: number[] = [];
  const result = await addAll(["a", "b", "c", "d", "e"], "", add, (count) => tried.push(count));
  expect(result.added).toBe(2);
  expect(result.already.map(({ address }) => address)).toEqual(["c"]);
  expect(result.refused).toEqual([
    { address: "b", why: "fault 400" },
    { address: "d", why: "fault 422" },
  ]);
  expect(leftOf(result)).toEqual(["b", "d"]);
  expect(tried).toEqual([1, 2, 3, 4, 5]);
});

test.each([0, 401, 403, 409, 429, 503])(
  "after a fault %d that all would have, none is tried any more",
  async (status) => {
    const { add, asked } = server({ b: status });
    const result = await addAll(["a", "b", "c", "d"], "", add, () => {});
    expect(asked).toEqual(["a", "b"]);
    expect(result.untried).toEqual(["c", "d"]);
    expect(leftOf(result)).toEqual(["b", "c", "d"]);
  },
);

test("what is no answer of the server is not hidden", async () => {
  const broken = () => Promise.reject(new TypeError("broken"));
  await expect(addAll(["a"], "", broken, () => {})).rejects.toThrow("broken");
});
