// What every element of the screens goes through: a text from outside never turns our words round, whoever writes the
// screen. A text that is read from right to left stands in a <bdi>; in an attribute it is isolated by characters.
import { createElement, type ElementType } from "react";
import { clean, isolate, isTurning } from "../lib/bidi";

const attributes = ["title", "aria-label", "aria-description", "placeholder", "alt"];

/** Elements that hold text alone. */
const textOnly = ["option", "textarea", "title", "style"];

export function isolateProps(type: ElementType, props: Record<string, unknown>): Record<string, unknown> {
  const isolated = { ...props };
  for (const name of attributes) {
    if (typeof props[name] === "string") isolated[name] = isolate(props[name]);
  }
  if ("children" in props && type !== "bdi") isolated.children = isolateChildren(type, props.children);
  return isolated;
}

function isolateChildren(type: ElementType, children: unknown): unknown {
  if (Array.isArray(children)) return children.map((child) => isolateChild(type, child));
  return isolateChild(type, children);
}

function isolateChild(type: ElementType, child: unknown): unknown {
  if (Array.isArray(child)) return child.map((one) => (typeof one === "string" ? isolate(one) : one));
  if (typeof child !== "string" || !isTurning(child)) return child;
  const holdsText = typeof type === "string" && textOnly.includes(type);
  return holdsText ? isolate(child) : createElement("bdi", null, clean(child));
}
