// The address of a relay, while it is being typed.

/** Whether it is worth asking who is there: a host with a dot, or this computer, and no path. */
export function mayBeRelay(typed: string): boolean {
  const host = /^(?:https?:\/\/)?([^\s/?#@]+)\/?$/i.exec(typed.replace(/^[\s\p{Cf}]+|[\s\p{Cf}]+$/gu, ""))?.[1] ?? "";
  return /^(localhost|\[[0-9a-f:]+\]|[^\s.:]+(\.[^\s.:]+)+)(:\d+)?$/i.test(host);
}
