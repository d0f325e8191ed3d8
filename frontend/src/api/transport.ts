// Where the screens run: in Wails' window, or in a browser that the web build
// serves. Nothing else names window.go, window.runtime or /bridge/.

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
  return new CallError("unexpected", "", "", text.slice(0, 200));
}

type Call = (name: string, params: unknown) => Promise<unknown>;
type Listener = (data: unknown) => void;

interface Wails {
  go?: { main: { App: { Call: Call } } };
  runtime?: { EventsOn: (name: string, listener: Listener) => () => void };
}
const wails = globalThis as unknown as Wails;

/** Asks the web build over HTTP. */
async function post(name: string, params: unknown): Promise<unknown> {
  const reply = await fetch(`/bridge/call/${name}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(params),
  });
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
  "window:notify": (note: { id: string; title: string; body: string }) => {
    if (window.Notification?.permission !== "granted") return;
    const shown = new Notification(note.title, { body: note.body, tag: note.id });
    shown.onclick = () => {
      window.focus();
      fire("window:clicked", note.id);
    };
  },
};

let stream: EventSource | null = null;

/** Opens the web build's events, once. */
function openStream(): void {
  if (stream || typeof EventSource === "undefined") return;
  stream = new EventSource("/bridge/events");
  let opened = false;
  stream.onopen = () => {
    if (opened) fire("window:again", null);
    opened = true;
  };
  stream.onmessage = (event: MessageEvent<string>) => {
    const { name, data } = JSON.parse(event.data) as { name: string; data: unknown };
    browserActions[name]?.(data as never);
    fire(name, data);
  };
}

/** Listens until what it returns is called. */
export function on<E extends keyof AllEvents>(event: E, listener: (data: AllEvents[E]) => void): () => void {
  if (wails.runtime) return wails.runtime.EventsOn(event, listener as Listener);
  openStream();
  const set = listeners.get(event) ?? new Set();
  listeners.set(event, set.add(listener as Listener));
  return () => set.delete(listener as Listener);
}

/** The nonce that this page's style elements bear. */
export function styleNonce(): string {
  return document.querySelector('meta[name="style-nonce"]')?.getAttribute("content") ?? "";
}
