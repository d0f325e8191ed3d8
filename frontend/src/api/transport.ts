// Where the screens run: in Wails' window, or in a browser that the web build
// serves. Nothing else names window.go, window.runtime or /bridge/.

import { truncate } from "../lib/grapheme";
import type { Events } from "./types";

/** What every failed call throws. The message is a sentence for the user, where the code is not enough. */
export class CallError extends Error {
  readonly code: string;
  readonly field: string;
  readonly reference: string;

  constructor(code: string, field = "", message = "", reference = "") {
    super(message);
    this.code = code;
    this.field = field;
    this.reference = reference;
  }
}

/** Reads the text that Go's error becomes on its way here. */
export function readError(cause: unknown): CallError {
  if (cause instanceof CallError) return cause;
  const text = cause instanceof Error ? cause.message : String(cause);
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null && "code" in parsed) {
      const value = (name: string): string => {
        const found = (parsed as Record<string, unknown>)[name];
        return typeof found === "string" ? found : "";
      };
      return new CallError(value("code") || "unexpected", value("field"), value("message"), value("reference"));
    }
  } catch {
    // not ours: the window itself failed
  }
  return new CallError("unexpected", "", "", truncate(text, 200));
}

type Call = (name: string, params: unknown) => Promise<unknown>;
type Listener = (data: unknown) => void;

interface Wails {
  go?: { main: { App: { Call: Call } } };
  runtime?: { EventsOn: (name: string, listener: Listener) => () => void };
}
const wails = globalThis as unknown as Wails;

/**
 * The key of the web build's calls: stored for this origin, which includes the port, and sent in a header. A cookie
 * would reach every port of this computer.
 */
let key = "";
const storedKey = "latchkey-key";

const bearer = (of: string) => ({ authorization: `Bearer ${of}` });

/** The key behind # in the printed address; empty: none. */
const firstKey = () => /^#key=(\w+)$/.exec(location.hash)?.[1] ?? "";

/**
 * Takes the key from the printed address, which works once, or the stored one. In the window it does nothing. Without a
 * key every call fails.
 */
export async function connect(): Promise<void> {
  if (wails.go) return;
  // A hub that started again may be opened in a page of the one before.
  addEventListener("hashchange", () => firstKey() && location.reload());
  key = storage()?.getItem(storedKey) ?? "";
  const first = firstKey();
  if (!first) return;
  history.replaceState(null, "", location.pathname);
  const reply = await fetch("/bridge/key", { method: "POST", headers: bearer(first) }).catch(() => null);
  if (!reply?.ok) return; // opened before: the stored key is what it was exchanged for, or another browser has it
  key = await reply.text();
  storage()?.setItem(storedKey, key);
}

/** What this browser stores for this origin; null: nothing, and the key lasts until the page is closed. */
function storage(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

/** Asks the web build over HTTP. */
async function post(name: string, params: unknown): Promise<unknown> {
  const reply = await fetch(`/bridge/call/${name}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...bearer(key) },
    body: JSON.stringify(params),
  });
  if (reply.status === 401) throw new CallError("no_key");
  if (!reply.ok) throw new Error(await reply.text());
  const body = (await reply.json()) as { result: unknown; error?: object };
  if (body.error) throw new Error(JSON.stringify(body.error));
  return body.result;
}

export async function call<T>(name: string, params: object = {}): Promise<T> {
  try {
    return (await (wails.go ? wails.go.main.App.Call : post)(name, params)) as T;
  } catch (cause) {
    throw readError(cause);
  }
}

/** Events that the window or the connection to it has, not the hub. */
interface WindowEvents {
  "window:clicked": string; // a notification, in a browser
  "window:again": null; // events may have been missed
}

type AllEvents = Events & WindowEvents;

const listeners = new Map<string, Set<Listener>>();

function fire(name: string, data: unknown): void {
  for (const listener of [...(listeners.get(name) ?? [])]) listener(data);
}

/** What only a browser can do for Go. */
const browserActions: Record<string, (data: never) => void> = {
  "window:copy": (text: string) => void navigator.clipboard?.writeText(text).catch(() => {}),
  "window:browse": (address: string) => void window.open(address, "_blank", "noopener"),
  "window:print": () => window.print(),
  "window:notify": (note: { id: string; title: string; body: string }) => {
    if (window.Notification?.permission !== "granted") return;
    const shown = new Notification(note.title, { body: note.body, tag: note.id });
    shown.onclick = () => {
      window.focus();
      fire("window:clicked", note.id);
    };
  },
};

/** How long the page waits before it opens a stream that ended again, in ms. */
const streamPause = 1000;

let streaming = false;

/** Reads the web build's events for as long as the page is open. A stream that ended is opened again. */
async function readEvents(): Promise<void> {
  for (let opened = false; ; await new Promise((done) => setTimeout(done, streamPause))) {
    try {
      const reply = await fetch("/bridge/events", { headers: bearer(key) });
      if (reply.status === 401) break; // the calls say so
      if (!reply.ok || !reply.body) continue;
      if (opened) fire("window:again", null);
      opened = true;
      await readLines(reply.body, (line) => {
        if (!line.startsWith("data: ")) return;
        const { name, data } = JSON.parse(line.slice("data: ".length)) as { name: string; data: unknown };
        browserActions[name]?.(data as never);
        fire(name, data);
      });
    } catch {
      // the hub has ended, or starts again
    }
  }
  streaming = false;
}

async function readLines(body: ReadableStream<Uint8Array>, each: (line: string) => void): Promise<void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  for (let rest = ""; ; ) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    lines.forEach(each);
  }
}

/** Listens until what it returns is called. */
export function on<E extends keyof AllEvents>(event: E, listener: (data: AllEvents[E]) => void): () => void {
  if (wails.runtime) return wails.runtime.EventsOn(event, listener as Listener);
  if (!streaming && key) {
    streaming = true;
    void readEvents();
  }
  const set = listeners.get(event) ?? new Set();
  listeners.set(event, set.add(listener as Listener));
  return () => set.delete(listener as Listener);
}

/** The nonce that this page's style elements bear. */
export function styleNonce(): string {
  return document.querySelector('meta[name="style-nonce"]')?.getAttribute("content") ?? "";
}
