// The real page, scaled, in a frame that may run nothing.
import { useElementSize } from "@mantine/hooks";
import classes from "./ScaledFrame.module.css";

interface ScaledFrameProps {
  address: string;
  title: string;
  /** How wide the page is laid out. */
  width: number;
  dark?: boolean;
  edge?: boolean;
}

/** A page laid out as wide as it really is, scaled to the width there is. */
export function ScaledFrame({ address, title, width, dark = false, edge = false }: ScaledFrameProps) {
  const { ref, ...size } = useElementSize<HTMLDivElement>();
  const scale = size.width > 0 ? Math.min(1, size.width / width) : 0;
  return (
    <div ref={ref} className={`framebox${edge ? " edge" : ""} ${dark ? classes.dark : classes.light}`}>
      {scale > 0 && address !== "" && (
        <iframe
          title={title}
          src={address}
          sandbox="allow-same-origin"
          style={{
            width: Math.max(width, size.width / scale),
            height: size.height / scale,
            transform: `scale(${scale})`,
          }}
        />
      )}
    </div>
  );
}
