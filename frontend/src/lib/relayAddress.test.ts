import { describe, expect, it } from "vitest";
import { mayBeRelay } from "./relayAddress";

describe("the address of a relay", () => {
  it("is asked for as soon as it can be one", () => {
    for (const full of [
      "access.northlight.example",
      "https://access.northlight.example",
      "https://access.northlight.example/",
      "http://localhost:7420",
      "127.0.0.1:7420",
      "http://[::1]:7420",
      "\u200bhttps://access.northlight.example\ufeff",
    ])
      expect(mayBeRelay(full), full).toBe(true);
  });
  it("is left alone while it is half of one", () => {
    for (const half of [
      "",
      "access",
      "https://",
      "https://access",
      "access.",
      "ana@northlight.example",
      "https://access.example/r/AQE",
      "two words.example",
      "localhost:",
    ])
      expect(mayBeRelay(half), half).toBe(false);
  });
});
