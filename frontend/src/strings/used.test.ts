import { describe, expect, it } from "vitest";
import { t } from "./en";

const code = Object.values(
  import.meta.glob<string>(["../**/*.{ts,tsx}", "!../**/*.test.{ts,tsx}"], {
    query: "?raw",
    import: "default",
    eager: true,
  }),
).join("\n");

const named = (path: string, then: string) => new RegExp(`\\b${path.replaceAll(/[.[\]]/g, "\\$&")}${then}`).test(code);

/** The paths below what nobody names: neither itself, nor what it is in as a whole. */
function unnamed(of: object, path: string): string[] {
  return Object.entries(of).flatMap(([key, value]) => {
    const here = `${path}.${key}`;
    if (typeof value !== "object" || value === null || Array.isArray(value)) return named(here, "\\b") ? [] : [here];
    return named(here, "(?![\\w.])") ? [] : unnamed(value as object, here);
  });
}

describe("what is written", () => {
  it("has no sentence that no screen shows", () => {
    expect(code.length).toBeGreaterThan(100_000);
    expect(unnamed(t, "t")).toEqual([]);
  });
});
