import { describe, expect, it } from "vitest";
import { checkAddresses, isFull, split, validAddresses } from "./recipients";

describe("recipients", () => {
  it("takes a pasted list apart at commas, semicolons and lines", () => {
    expect(split("ana@a.example, ben@b.example;\ncy@c.example\n")).toEqual([
      "ana@a.example",
      "ben@b.example",
      "cy@c.example",
    ]);
  });
  it("keeps the address of a name with an address", () => {
    expect(split('"Lindqvist" <marta@pine.example>, Lars Holm <lars@pine.example>')).toEqual([
      "marta@pine.example",
      "lars@pine.example",
    ]);
  });
  it.each(["<b>x</b>", "Lin <lin>", "<b>lin@pine.example</b>"])("keeps %s as it is typed", (text) => {
    expect(split(text)).toEqual([text]);
  });
  it("marks an address that an email did not reach", () => {
    expect(checkAddresses(["Kim@pine.example"], [], ["kim@pine.example"])[0]?.verdict).toBe("failed");
  });
  it("takes addresses apart that only spaces divide", () => {
    expect(split("A <a@a.example> B <b@b.example>")).toEqual(["a@a.example", "b@b.example"]);
    expect(split("a@a.example b@b.example")).toEqual(["a@a.example", "b@b.example"]);
  });
  it.each([
    "marta",
    "office@harbourpine",
    "a@b@c.example",
    "a b@c.example",
    "@c.example",
    "a@.example",
    ".a@c.example",
    "a..b@c.example",
    "a@c.example.",
    "a@-c.example",
  ])("marks %s as not full", (address) => {
    expect(isFull(address)).toBe(false);
  });
  it.each([
    "marta.lindqvist@harbourpine.example",
    "a+b@c.example",
    "o'hara@c.example",
    "a@xn--bcher-kva.example",
    "a@bücher.example",
  ])("takes %s", (address) => {
    expect(isFull(address)).toBe(true);
  });
  it("marks the second of two that differ only in case, and one that was sent before", () => {
    const checked = checkAddresses(
      ["Marta@pine.example", "marta@pine.example", "old@pine.example"],
      ["OLD@pine.example"],
    );
    expect(checked.map((m) => m.verdict)).toEqual(["valid", "duplicate", "duplicate"]);
    expect(validAddresses(checked)).toEqual(["Marta@pine.example"]);
  });
});
