// The marks of platforms, from their folders; the wizard shows the same files. They stay their
// owners': never recoloured, never redrawn. Where a mark is nobody's to show,
// the file has letters.
const files = import.meta.glob<string>("../../../internal/platform/*/icon.svg", {
  query: "?raw",
  import: "default",
  eager: true,
});

/** What stands inside a mark's svg of 24 by 24, by platform. */
export const marks = new Map<string, string>();

/** The letters of a platform whose mark is nobody's to show. */
export const monograms = new Map<string, string>();

for (const [path, file] of Object.entries(files)) {
  const platform = path.replace(/^.*\/([^/]+)\/icon\.svg$/, "$1");
  const letters = /<text[^>]*>([^<]+)<\/text>/.exec(file)?.[1];
  if (letters) monograms.set(platform, letters);
  else marks.set(platform, file.replace(/^\s*<svg[^>]*>|<\/svg>\s*$/g, ""));
}
