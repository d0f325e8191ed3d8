// The marks of platforms, the files that the wizard shows too. They stay their
// owners': never recoloured, never redrawn. Where a mark is nobody's to show,
// the file has letters.
const files = import.meta.glob<string>("../../../internal/pages/icons/*.svg", {
  query: "?raw",
  import: "default",
  eager: true,
});

/** What stands inside a mark's svg of 24 by 24, by service. */
export const marks = new Map<string, string>();
export const monograms = new Map<string, string>();

for (const [path, file] of Object.entries(files)) {
  const service = path.replace(/^.*\/|\.svg$/g, "");
  const letters = /<text[^>]*>([^<]+)<\/text>/.exec(file)?.[1];
  if (letters) monograms.set(service, letters);
  else marks.set(service, file.replace(/^\s*<svg[^>]*>|<\/svg>\s*$/g, ""));
}
