// What jsdom lacks and Mantine asks for, and what an address is read with; after each test, nothing is left of it.
import { notifications } from "@mantine/notifications";
import { cleanup, configure, prettyDOM } from "@testing-library/react";
import { afterEach, vi } from "vitest";
import { queries } from "../lib/data";
import { serviceViews } from "./services";
import { rememberStyles } from "./styles";

// A wait throws hundreds of these away: only the one that is reported prints the document.
function elementError(message: string | null, container: Element): Error {
  const error = new Error();
  error.name = "TestingLibraryElementError";
  const get = () => [message, prettyDOM(container)].filter(Boolean).join("\n\n");
  return Object.defineProperty(error, "message", { configurable: true, get });
}

// What is waited for comes as soon as it can; this only bounds how long a busy machine may take.
configure({ asyncUtilTimeout: 20_000, getElementError: elementError });

const addServices = () => queries.setQueryData(["services"], serviceViews); // the addresses of lists name services
addServices();

if (typeof window !== "undefined") {
  window.matchMedia ??= (media) =>
    ({
      media,
      matches: false,
      onchange: null,
      addEventListener: () => {},
      removeEventListener: () => {},
      addListener: () => {},
      removeListener: () => {},
      dispatchEvent: () => false,
    }) satisfies MediaQueryList;
  window.ResizeObserver ??= class {
    observe() {}
    unobserve() {}
    disconnect() {}
  };
  window.HTMLElement.prototype.scrollIntoView ??= () => {};
  window.HTMLElement.prototype.scrollTo ??= () => {};
  window.scrollTo = () => {};
  rememberStyles(document.defaultView ?? window); // jsdom's own window, which the queries ask
  window.CSS ??= { escape: (text: string) => text } as typeof CSS;
  // Every element is as large as the window: a table draws the rows that are in sight.
  Object.defineProperty(window.Element.prototype, "clientHeight", { configurable: true, value: 800 });
  Object.defineProperty(window.Element.prototype, "clientWidth", { configurable: true, value: 1280 });

  afterEach(() => {
    notifications.clean();
    cleanup();
    queries.clear();
    addServices();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
    location.hash = "";
  });
}
