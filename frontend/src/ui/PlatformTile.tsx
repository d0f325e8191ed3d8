import { marks, monograms } from "./glyphs";

export type Badge = "none" | "waiting" | "attention";

/** A platform's mark; with a badge, the words for it are there for a screen reader. */
export function PlatformTile({
  of,
  size = 24,
  badge = "none",
  badgeWord = "",
}: {
  of: string;
  size?: number;
  badge?: Badge;
  badgeWord?: string;
}) {
  const key = of === "facebook" ? "meta" : of;
  const mark = marks.get(key);
  const box = { width: size, height: size, borderRadius: size * 0.27 };
  return (
    <span className="tilebox">
      {mark ? (
        <span className="ptile" style={box} aria-hidden="true">
          {/* biome-ignore lint/security/noDangerouslySetInnerHtml: a file of the program, nothing typed is in it */}
          <svg width={size} height={size} viewBox="0 0 24 24" dangerouslySetInnerHTML={{ __html: mark }} />
        </span>
      ) : (
        // Drawn by the style, so that it is no text of the button around it.
        <span
          className="ptile mono"
          style={{ ...box, fontSize: size * 0.42 }}
          aria-hidden="true"
          data-monogram={monograms.get(key)}
        />
      )}
      {badge === "attention" && <i className="badge-dot" />}
      {badge === "waiting" && <i className="badge-ring" />}
      {badgeWord && <span className="sr">{badgeWord}</span>}
    </span>
  );
}
