import { expect, test } from "vitest";
import { draggedOf } from "./dragged";

const here = "https://tv.example.org";

test("a dragged link is a file or a work of this page", () => {
  expect(draggedOf(`${here}/watch/-100123/42?token=abc`, here)).toEqual({ chat: -100123, message: 42 });
  expect(draggedOf(`${here}/work/f%3Anight-tide-2023`, here)).toEqual({ work: "f:night-tide-2023" });
});

test("other links are left alone", () => {
  for (const href of [`${here}/films`, "https://elsewhere.example/watch/-1/2", "nothing", `${here}/watch/-1/x`]) {
    expect(draggedOf(href, here)).toBeNull();
  }
});
