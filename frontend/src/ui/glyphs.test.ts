import { expect, it } from "vitest";
import { platforms } from "../strings/services";
import { marks, monograms } from "./glyphs";

it.each(platforms)("%s has the mark of its folder, or its letters", (platform) => {
  const mark = marks.get(platform);
  const letters = monograms.get(platform);
  expect([mark, letters].filter(Boolean)).toHaveLength(1);
  expect(mark ?? letters).toMatch(mark ? /<path/ : /^[A-Z][A-Za-z]$/);
});

it("there is no mark of anything else", () => {
  expect([...marks.keys(), ...monograms.keys()].sort()).toEqual([...platforms].sort());
});
