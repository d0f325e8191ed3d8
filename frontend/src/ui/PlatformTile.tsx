import { useMemo } from "react";
import { useServices } from "../lib/app";

export type Badge = "none" | "waiting" | "attention";

interface PlatformTileProps {
  of: string;
  size?: number;
  badge?: Badge;
  badgeWord?: string;
}

/**
 * A platform's mark, as its folder has it: it stays its owner's, never recoloured, never redrawn. With a badge, the
 * words for it are there for a screen reader.
 */
export function PlatformTile({ of, size = 24, badge = "none", badgeWord = "" }: PlatformTileProps) {
  const { icon } = useServices().of(of);
  const monogram = monogramOf(icon);
  const address = useMemo(() => `data:image/svg+xml,${encodeURIComponent(icon)}`, [icon]);
  const box = { width: size, height: size, borderRadius: size * 0.27 };
  return (
    <span className="tilebox">
      {monogram === undefined ? (
        <span className="ptile" style={box} aria-hidden="true">
          {icon !== "" && <img src={address} width={size} height={size} alt="" decoding="sync" draggable={false} />}
        </span>
      ) : (
        // Drawn by the style, so that it is no text of the button around it.
        <span
          className="ptile mono"
          style={{ ...box, fontSize: size * 0.42 }}
          aria-hidden="true"
          data-monogram={monogram}
        />
      )}
      {badge === "attention" && <i className="badge-dot" />}
      {badge === "waiting" && <i className="badge-ring" />}
      {badgeWord && <span className="sr">{badgeWord}</span>}
    </span>
  );
}

/** What is written where a mark is nobody's to show: it takes the colours of the theme. */
const monogramOf = (icon: string): string | undefined => /<text[^>]*>([^<]+)<\/text>/.exec(icon)?.[1];
