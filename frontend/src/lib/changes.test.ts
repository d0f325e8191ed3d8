import { describe, expect, it } from "vitest";
import type { Change } from "../api/types";
import { type Key, serialize, staleKeys } from "./changes";

describe("changes", () => {
  const nothing: Change = {
    all: false,
    session: false,
    agency: false,
    requests: [],
    items: [],
    members: [],
    devices: [],
    connections: [],
    alerts: [],
    offboardings: false,
  };
  it("asks for nothing when nothing changed", () => {
    expect(staleKeys(nothing)).toEqual([]);
  });
  it("asks for a changed request by its id, and for the lists it is in", () => {
    const keys = staleKeys({ ...nothing, requests: ["A"] });
    expect(keys).toContainEqual(["request", "A"]);
    expect(keys).toContainEqual(["requests"]);
    expect(keys).toContainEqual(["totals"]);
    expect(keys).not.toContainEqual(["accounts"]);
  });
  it("asks for what needs somebody when a sign-in was renewed", () => {
    const keys = staleKeys({ ...nothing, connections: ["C"] });
    expect(keys).toEqual(expect.arrayContaining([["connections"], ["todos"], ["totals"]]));
  });
  it("asks for the end of a client, and for what is not finished", () => {
    expect(staleKeys({ ...nothing, offboardings: true })).toEqual([["offboarding"], ["todos"]]);
  });
  it("asks why accounts are not checked when another computer may have found it, and for accounts only once", () => {
    for (const change of [
      { ...nothing, agency: true },
      { ...nothing, connections: ["C"] },
    ]) {
      expect(staleKeys(change)).toContainEqual(["accounts", "causes"]);
    }
    expect(staleKeys({ ...nothing, items: ["I"], connections: ["C"] })).not.toContainEqual(["accounts", "causes"]);
  });
  it("asks for everything when naming it would be too much", () => {
    const each = { requests: ["A"], items: ["I"], members: ["M"], devices: ["D"], connections: ["C"] };
    const named = staleKeys({ ...nothing, ...each, session: true, agency: true }).filter((key) => key.length === 1);
    expect(staleKeys({ ...nothing, all: true })).toEqual(expect.arrayContaining(named));
    expect(named.length).toBeGreaterThan(10);
  });
  it("asks for nothing twice", () => {
    const keys = staleKeys({ ...nothing, session: true, requests: ["A"], items: ["I"], devices: ["D"] }).map((key) =>
      key.join(" "),
    );
    expect(new Set(keys).size).toBe(keys.length);
  });
  it("lets an answer arrive, and asks once more for all that changed meanwhile", async () => {
    const asked: { key: Key; answer: () => void; fail: () => void }[] = [];
    const again = serialize(
      (key) => new Promise<void>((answer, fail) => asked.push({ key, answer, fail: () => fail(new Error("away")) })),
    );
    const settled = () => new Promise((done) => setTimeout(done));
    again(["requests"]);
    again(["requests"]);
    again(["requests"]);
    again(["totals"]);
    expect(asked.map((a) => a.key[0])).toEqual(["requests", "totals"]);
    asked[0]?.fail();
    await settled();
    expect(asked.map((a) => a.key[0])).toEqual(["requests", "totals", "requests"]);
    asked[2]?.answer();
    await settled();
    again(["requests"]);
    expect(asked.length).toBe(4);
  });
});
