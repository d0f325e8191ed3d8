import { vi } from "vitest";
import type { api } from "../api/client";

type Api = typeof api;
type Answers = { [Name in keyof Api]?: (params: never) => unknown };

/** What a failed call gives: Go's form of an error. */
export class Refusal {
  readonly error: { code: string; field: string; message: string; reference: string };

  constructor(code: string, field = "", message = "", reference = "") {
    this.error = { code, field, message, reference };
  }
}

export interface Call {
  name: string;
  params: Record<string, unknown>;
}

/**
 * Go's side of the bridge: answers each call by its name and returns the list of calls, which grows. A call without an
 * answer never ends, as on a screen that is loading. An answer is a value, a promise of one, or a Refusal.
 */
export function bridge(answers: Answers): Call[] {
  const calls: Call[] = [];
  vi.stubGlobal("fetch", async (path: string, request: { body: string }) => {
    const name = path.replace("/bridge/call/", "");
    const params = JSON.parse(request.body) as Record<string, unknown>;
    calls.push({ name, params });
    const answer = answers[name as keyof Api] as ((params: unknown) => unknown) | undefined;
    const result = answer ? await answer(params) : await new Promise(() => {});
    return new Response(JSON.stringify(result instanceof Refusal ? result : { result: result ?? null }));
  });
  return calls;
}

/** A promise that a test resolves when it wants. */
export function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
