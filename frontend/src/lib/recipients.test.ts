import { describe, expect, it } from "vitest";
import { endsAddress, isWrong, validAddresses } from "./recipients";

describe("recipients", () => {
  it.each([
    "ana@pine.example",
    "Ana <ana@pine.example>",
    '"Lindqvist, Ana" <ana@pine.example>',
    "Lin, Ana <a@b.example>",
  ])("are ended by a comma after %s", (typed) => expect(endsAddress(typed)).toBe(true));
  it.each(["Lindqvist", '"Lindqvist', '"ana@pine.example', "Ana <ana@pine.example", "Lindqvist, Ana <"])(
    "are not ended by a comma after %s",
    (typed) => expect(endsAddress(typed)).toBe(false),
  );
  it("are sent to where they are valid, and wrong where something has to be corrected", () => {
    const list = (["valid", "invalid", "duplicate", "failed"] as const).map((verdict) => ({
      address: `${verdict}@pine.example`,
      verdict,
      message: "",
    }));
    expect(validAddresses(list)).toEqual(["valid@pine.example"]);
    expect(list.filter(isWrong).map((a) => a.verdict)).toEqual(["invalid", "failed"]);
  });
});
