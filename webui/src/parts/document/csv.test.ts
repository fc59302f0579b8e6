import { expect, test } from "vitest";
import { rowsOf, separatorOf } from "./csv";

const all = { most: 100, columns: 20 };

test("the separator is the one that the first line has most of", () => {
  expect(separatorOf("a;b;c\n1,5;2;3")).toBe(";");
  expect(separatorOf('"a;b;c;d",e,f')).toBe(",");
  expect(separatorOf("a\tb")).toBe("\t");
  expect(separatorOf("one")).toBe(",");
});

test("quotes hold separators, line ends and quotes", () => {
  expect(rowsOf('a,"b, ""c""\nd",e\r\n1,2,3', all)).toEqual([
    ["a", 'b, "c"\nd', "e"],
    ["1", "2", "3"],
  ]);
});

test("empty cells stay, empty lines do not", () => {
  expect(rowsOf("a,,\n\n,b\n", all)).toEqual([
    ["a", "", ""],
    ["", "b"],
  ]);
  expect(rowsOf("a,", all)).toEqual([["a", ""]]);
  expect(rowsOf("", all)).toEqual([]);
});

test("bounds of rows and columns", () => {
  expect(rowsOf("a,b,c\nd,e,f\ng,h,i", { most: 2, columns: 2 })).toEqual([
    ["a", "b"],
    ["d", "e"],
  ]);
});

test("a row that was cut off is left out", () => {
  expect(rowsOf("a,b\nc,d", { ...all, cut: true })).toEqual([["a", "b"]]);
  expect(rowsOf('a,b\n"c', { ...all, cut: true })).toEqual([["a", "b"]]);
});

test("a byte order mark is no part of the first name", () => {
  expect(rowsOf("\ufeffa,b", all)).toEqual([["a", "b"]]);
});
