import { expect, it } from "vitest";
import { pageAddress } from "./page-address";

it("hands on the page without the moment at which it was opened, but with its token", () => {
  expect(pageAddress("http://here/watch/-1/2?t=40&token=abc&resume=true#x")).toBe("http://here/watch/-1/2?token=abc");
});
