import { expect, test } from "vitest";
import { blocksOf } from "./markdown";

const text = (words: string) => ({ kind: "text", text: words });

test("blocks", () => {
  expect(blocksOf("# Title #\n\nOne\ntwo\n\n> said\n---\n1. a\n2. b\n- c\n```js\nlet x\n# no\n```\nend")).toEqual([
    { kind: "heading", level: 1, inline: [text("Title")] },
    { kind: "paragraph", inline: [text("One\ntwo")] },
    { kind: "quote", inline: [text("said")] },
    { kind: "rule" },
    { kind: "list", ordered: true, items: [[text("a")], [text("b")]] },
    { kind: "list", ordered: false, items: [[text("c")]] },
    { kind: "code", text: "let x\n# no" },
    { kind: "paragraph", inline: [text("end")] },
  ]);
});

const inline = (line: string) => {
  const [block] = blocksOf(line);
  return block?.kind === "paragraph" ? block.inline : block;
};

test("emphasis and code", () => {
  expect(inline("a **b** *c* `d*e*` snake_case_name")).toEqual([
    text("a "),
    { kind: "strong", text: "b" },
    text(" "),
    { kind: "em", text: "c" },
    text(" "),
    { kind: "code", text: "d*e*" },
    text(" snake_case_name"),
  ]);
});

test("links go to the web and nowhere else", () => {
  expect(inline("[x](https://example.org/a)")).toEqual([{ kind: "link", text: "x", href: "https://example.org/a" }]);
  expect(inline("[x](javascript:alert(1))")).toEqual([text("x"), text(")")]);
  expect(inline("[x](data:text/html,hi)")).toEqual([text("x")]);
  expect(inline("![cat](https://tracker.example/1.png)")).toEqual([{ kind: "em", text: "cat" }]);
});

test("tables", () => {
  expect(blocksOf("| a | **b** |\n|---|:--|\n| 1 | 2 |\nafter")).toEqual([
    {
      kind: "table",
      rows: [
        [[text("a")], [{ kind: "strong", text: "b" }]],
        [[text("1")], [text("2")]],
      ],
    },
    { kind: "paragraph", inline: [text("after")] },
  ]);
  expect(inline("a | b")).toEqual([text("a | b")]);
});

test("tags stay text", () => {
  expect(inline("<script>alert(1)</script>")).toEqual([text("<script>alert(1)</script>")]);
});

test("code without an end goes to the end", () => {
  expect(blocksOf("```\na\nb")).toEqual([{ kind: "code", text: "a\nb" }]);
});

test("is quick with hostile texts", () => {
  const began = performance.now();
  blocksOf(`${"*a ".repeat(5000)}\n\n${"[".repeat(5000)}\n\n${"`".repeat(5000)}\n\n${"__".repeat(3000)}`);
  expect(performance.now() - began).toBeLessThan(2000);
});
