// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { call, connect, on } from "./transport";

interface Asked {
  path: string;
  method: string;
  key: string | null;
}

/** The hub's web build: each path answers in turn, the last answer for ever. */
function hub(answers: Record<string, (() => Response)[]>): Asked[] {
  const asked: Asked[] = [];
  vi.stubGlobal("fetch", async (path: string, request: RequestInit = {}) => {
    asked.push({ path, method: request.method ?? "GET", key: new Headers(request.headers).get("authorization") });
    const [answer, ...rest] = answers[path] ?? [];
    if (rest.length) answers[path] = rest;
    return answer ? answer() : new Response("", { status: 404 });
  });
  return asked;
}

const refused = () => new Response("no", { status: 401 });
const open = (hash: string) => history.replaceState(null, "", `/${hash}`);

/** A stream of events that ends after these pieces. */
function stream(...pieces: string[]): () => Response {
  return () =>
    new Response(
      new ReadableStream({
        start(to) {
          for (const piece of pieces) to.enqueue(new TextEncoder().encode(piece));
          to.close();
        },
      }),
    );
}

beforeEach(() => localStorage.clear());
afterEach(async () => {
  localStorage.clear();
  open("");
  await connect(); // no key is left for other tests
});

describe("the key of the web build", () => {
  it("is exchanged once, leaves the address, and is sent in a header of each call", async () => {
    const asked = hub({
      "/bridge/key": [() => new Response("SESSION"), refused],
      "/bridge/call/session": [() => Response.json({ result: 7 })],
    });
    open("#key=FIRST");
    const entries = history.length;
    await connect();
    expect(location.href).not.toContain("key");
    expect(history.length).toBe(entries);
    expect(document.cookie).toBe("");
    expect(await call("session")).toBe(7);
    await connect(); // the page is read again
    expect(await call("session")).toBe(7);
    expect(asked).toEqual([
      { path: "/bridge/key", method: "POST", key: "Bearer FIRST" },
      { path: "/bridge/call/session", method: "POST", key: "Bearer SESSION" },
      { path: "/bridge/call/session", method: "POST", key: "Bearer SESSION" },
    ]);
  });

  it("stays the stored one when the address was opened before", async () => {
    localStorage.setItem("latchkey-key", "STORED");
    const asked = hub({ "/bridge/key": [refused], "/bridge/call/session": [() => Response.json({ result: 7 })] });
    open("#key=FIRST");
    await connect();
    await call("session");
    expect(asked.at(-1)?.key).toBe("Bearer STORED");
  });

  it("is said to be missing when the hub refuses it", async () => {
    hub({ "/bridge/key": [refused], "/bridge/call/session": [refused] });
    open("#key=USED");
    await connect();
    await expect(call("session")).rejects.toMatchObject({ code: "no_key" });
  });

  it("is asked for by no address of the screens", async () => {
    const asked = hub({});
    open("#/collaboration?find=key");
    await connect();
    expect(location.hash).toBe("#/collaboration?find=key");
    expect(asked).toEqual([]);
  });
});

describe("the events of the web build", () => {
  it("arrive whole however they are cut, and after a pause that may have missed some", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    const heard: unknown[] = [];
    const asked = hub({
      "/bridge/key": [() => new Response("SESSION")],
      "/bridge/events": [
        stream(": listening\n\n", 'data: {"name":"hub:comm', 'and","data":"é"}\n\nda', 'ta: {"name":"hub:show"}\n\n'),
        stream('data: {"name":"hub:command","data":"find"}\n\n'),
        refused,
      ],
    });
    open("#key=FIRST");
    await connect();
    const ends = [
      on("hub:command", (name) => heard.push(name)),
      on("hub:show", () => heard.push("show")),
      on("window:again", () => heard.push("again")),
    ];
    try {
      await vi.waitFor(() => expect(heard).toEqual(["é", "show"]));
      await vi.advanceTimersByTimeAsync(1000);
      expect(heard).toEqual(["é", "show", "again", "find"]);
      await vi.advanceTimersByTimeAsync(1000);
      expect(asked.map(({ path, key }) => [path, key])).toEqual([
        ["/bridge/key", "Bearer FIRST"],
        ["/bridge/events", "Bearer SESSION"],
        ["/bridge/events", "Bearer SESSION"],
        ["/bridge/events", "Bearer SESSION"],
      ]);
    } finally {
      for (const end of ends) end();
      vi.useRealTimers();
    }
  });
});
