import { expect, test } from "vitest";
import { clean, dotted, isolate, isolating } from "./bidi";

test.each([
  ["Harbour Café 日本 👩\u200d💻", "Harbour Café 日本 👩\u200d💻"],
  ["\u202egnp.exe", "gnp.exe"],
  ["\u2069\u202eout", "out"],
  ["\u2067open", "open"],
  ["שלום", "\u2068שלום\u2069"],
  ["سلام 5", "\u2068سلام 5\u2069"],
  ["mark\u200f!", "\u2068mark\u200f!\u2069"],
  ["𐤀", "\u2068𐤀\u2069"],
  ["\u2067in\u2069", "\u2068\u2067in\u2069\u2069"],
])("%j among our words is %j", (text, want) => {
  expect(isolate(text)).toBe(want);
});

test("what is left of a cleaned text turns nothing beyond its end", () => {
  expect(clean("a\u2066b\u2067c\u2069d")).toBe("ab\u2067c\u2069d");
  expect(clean("\u202aa\u202bb\u202dc\u202e")).toBe("abc");
});

test("our strings isolate what they are given", () => {
  const t = isolating({
    plain: "Delete",
    title: (client: string, n: number) => `Delete ${client}, ${n}?`,
    deep: { list: (names: string[]) => names.join(" and ") },
  });
  expect(t.plain).toBe("Delete");
  expect(t.title("\u202eevil", 2)).toBe("Delete evil, 2?");
  expect(t.title("שלום", 2)).toBe("Delete \u2068שלום\u2069, 2?");
  expect(t.deep.list(["a", "ב"])).toBe("a and \u2068ב\u2069");
});

test("texts beside each other are isolated, and empty ones left out", () => {
  expect(dotted(["a", "", undefined, false, "ב"])).toBe("a · \u2068ב\u2069");
});
