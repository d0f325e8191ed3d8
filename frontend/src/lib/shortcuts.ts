// What the user asks for by a key or in the window's menu.
import { type HotkeyItem, useHotkeys } from "@mantine/hooks";
import { useEffect, useEffectEvent } from "react";
import { on } from "../api/transport";
import { useApp } from "./app";

export type Command = "find" | "request" | "search" | "save" | "help";

interface Shortcut {
  /** In the way of useHotkeys; "mod" is Ctrl, on macOS Cmd. */
  keys: readonly string[];
  /** A single letter: not while a field, a dialog or a menu has the focus, and it can be switched off. */
  single: boolean;
  /** What the menu of the window calls it. */
  menu: readonly string[];
}

// "/" needs Shift on some keyboards.
const shortcuts: Record<Command, Shortcut> = {
  find: { keys: ["mod+K"], single: false, menu: ["find"] },
  save: { keys: ["mod+S"], single: false, menu: ["save"] },
  help: { keys: ["F1"], single: false, menu: ["help", "about"] },
  request: { keys: ["N", "shift+N"], single: true, menu: ["request"] },
  search: { keys: ["/", "shift+/"], single: true, menu: ["search"] },
};

const typing = "INPUT, TEXTAREA, SELECT, [contenteditable], [role=dialog], [role=menu]";

/** Runs a command while its screen is shown, by its keys and from the menu. */
export function useCommand(command: Command, run: () => void) {
  const { mac, preferences } = useApp();
  const { keys, single, menu } = shortcuts[command];
  const press = (event: KeyboardEvent) => {
    const target = event.target instanceof HTMLElement ? event.target : null;
    if (single && (event.defaultPrevented || target?.closest(typing))) return;
    event.preventDefault();
    run();
  };
  const items = keys.map((key): HotkeyItem => [key.replace("mod", mac ? "meta" : "ctrl"), press, noDefault]);
  useHotkeys(single && !preferences.single_keys ? [] : items, [], true);
  const chosen = useEffectEvent((name: string) => {
    if (menu.includes(name)) run();
  });
  useEffect(() => on("hub:command", (name) => chosen(name)), []);
}

const noDefault = { preventDefault: false };

/** How the keys of a shortcut are written on this system. */
export function keysOf(shortcut: string, mac: boolean): string[] {
  return shortcut.split("+").map((key) => {
    if (key === "Mod") return mac ? "⌘" : "Ctrl";
    if (key === "Enter") return mac ? "↩" : "Enter";
    return key;
  });
}

export const isMac = (platform: string): boolean => platform === "darwin";
