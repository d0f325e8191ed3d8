import { expect, test } from "vitest";
import names from "../../../internal/grapheme/testdata/initials.json";
import { capitalize, initials, truncate } from "./grapheme";

test.each(names)("the initials of '$name' are those that Go finds", ({ name, initials: want }) => {
  expect(initials(name)).toBe(want);
});

test("a first letter becomes a capital if that is one letter", () => {
  expect(capitalize("manage ads")).toBe("Manage ads");
  expect(capitalize("e\u0301lan")).toBe("E\u0301lan");
  expect(capitalize("ßeta")).toBe("ßeta");
  expect(capitalize("")).toBe("");
});

test("a cut text ends between characters", () => {
  expect(truncate("abc", 3)).toBe("abc");
  expect(truncate("abcd", 3)).toBe("ab…");
  expect(truncate("a👩\u200d💻🇩🇪c", 3)).toBe("a👩\u200d💻…");
  expect(truncate("𝓑𝓮𝓵𝓵𝓪", 3)).toBe("𝓑𝓮…");
  expect(truncate("cafe\u0301s", 4)).toBe("caf…");
});
