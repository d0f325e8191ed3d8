import { expect, test } from "vitest";
import style from "./mantine.css?raw";

const sources = Object.entries(
  import.meta.glob<string>("../**/*.{ts,tsx}", { query: "?raw", import: "default", eager: true }),
)
  .filter(([file]) => !file.includes(".test."))
  .map(([, text]) => text);
const folder = "../../node_modules/@mantine/core/";
const components = import.meta.glob<string>("../../node_modules/@mantine/core/esm/components/*/*.mjs", {
  query: "?raw",
  import: "default",
  eager: true,
});
const styles = import.meta.glob("../../node_modules/@mantine/core/styles/*.layer.css");

const moduleOf = (name: string) => `${folder}esm/components/${name}/${name}.mjs`;

/** The component and those that it is made of, by name. */
function partsOf(name: string, seen = new Set<string>()): Set<string> {
  const text = components[moduleOf(name)];
  if (text === undefined || seen.has(name)) return seen;
  seen.add(name);
  for (const [, part = ""] of text.matchAll(/from "\.\.?(?:\/\w+)?\/(\w+)\.mjs"/g)) partsOf(part, seen);
  return seen;
}

/** The components of Mantine that the screens import. */
function used(): string[] {
  const lists = sources.flatMap((text) => [...text.matchAll(/import \{([^}]*)\} from "@mantine\/core"/g)]);
  const names = lists.flatMap(([, list = ""]) => list.split(",").map((name) => name.trim()));
  return [...new Set(names)].filter((name) => moduleOf(name) in components);
}

/** Checkbox.Card is a component of its own, CheckboxCard, that only its users need. */
function isUnusedPart(name: string, part: string): boolean {
  const member = `<${name}.${part.slice(name.length)}`;
  return part !== name && part.startsWith(name) && !sources.some((text) => text.includes(member));
}

test("each of Mantine's components that the screens use has its style", () => {
  expect(used()).toContain("SegmentedControl");
  const missing = used().flatMap((name) =>
    [...partsOf(name)]
      .filter((part) => `${folder}styles/${part}.layer.css` in styles && !isUnusedPart(name, part))
      .filter((part) => !style.includes(`/${part}.layer.css`))
      .map((part) => `${part}, of ${name}`),
  );
  expect(missing).toEqual([]);
});
