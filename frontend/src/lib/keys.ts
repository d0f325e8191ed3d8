// What a key means, apart from the page it is pressed on.

export interface Pressed {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

export type KeyCommand = "find" | "request" | "search" | "save" | "help";

/** The command of a key; single letters only while no field has the focus and a person has not switched them off. */
export function commandOf(e: Pressed, typing: boolean, single: boolean, mac: boolean): KeyCommand | null {
  const command = mac ? e.metaKey && !e.ctrlKey : e.ctrlKey && !e.metaKey;
  if (command && !e.altKey) {
    switch (e.key.toLowerCase()) {
      case "k":
        return "find";
      case "s":
        return "save";
    }
    return null;
  }
  if (e.key === "F1") return "help";
  if (typing || !single || e.ctrlKey || e.metaKey || e.altKey) return null;
  switch (e.key) {
    case "n":
    case "N":
      return "request";
    case "/":
      return "search";
  }
  return null;
}

/** How the keys of a shortcut are written on this system. */
export function keysOf(shortcut: string, mac: boolean): string[] {
  return shortcut.split("+").map((key) => {
    if (key === "Mod") return mac ? "⌘" : "Ctrl";
    if (key === "Enter") return mac ? "↩" : "Enter";
    return key;
  });
}

export const isMac = (platform: string): boolean => platform === "darwin";
