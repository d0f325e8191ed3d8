// What jsdom's own sheet looks at, besides an element's name.
const attributes = ["style", "hidden", "type", "open", "popover", "dir"];

const remembers = Symbol.for("latchkey.remembers");

/**
 * Makes a window answer the style of an element from that of the first one of its kind. A look for a role and a name
 * asks for hundreds, and jsdom matches all rules of its own sheet with each, after every change anew. The tests load no
 * other sheet; only what is inherited depends on more than the element: where one says it, jsdom is asked.
 */
export function rememberStyles(view: Window & typeof globalThis): void {
  if (remembers in view) return; // a worker has one window for all files
  const computed = view.getComputedStyle.bind(view);
  const known = new Map<string, CSSStyleDeclaration>();
  const getComputedStyle = (element: Element, pseudo?: string | null) => {
    if (pseudo || saysWhatIsInherited(element)) return computed(element, pseudo);
    const kind = JSON.stringify([element.localName, ...attributes.map((name) => element.getAttribute(name))]);
    const style = known.get(kind) ?? computed(element.cloneNode(false) as Element);
    known.set(kind, style);
    return style;
  };
  Object.assign(view, { getComputedStyle, [remembers]: true });
}

function saysWhatIsInherited(element: Element): boolean {
  for (let above: Element | null = element; above; above = above.parentElement) {
    if (/visibility|pointer-events/.test(above.getAttribute("style") ?? "")) return true;
  }
  return false;
}
