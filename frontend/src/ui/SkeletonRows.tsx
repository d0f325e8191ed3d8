import { Skeleton } from "@mantine/core";
import css from "./SkeletonRows.module.css";
import { useDelayedFlag } from "./useDelayedFlag";

/** Rows that are being fetched, in their shape. */
export function SkeletonRows({ rows = 8, label }: { rows?: number; label: string }) {
  const late = useDelayedFlag(true);
  if (!late) return null;
  return (
    <div role="status" aria-label={label}>
      {[...Array(rows).keys()].map((n) => (
        <div key={n} className={css.row} aria-hidden="true">
          <span className={css.two}>
            <Skeleton w={120 + ((n * 37) % 60)} />
            <Skeleton w={170 + ((n * 53) % 50)} h={8} mt={8} />
          </span>
          <Skeleton w={24} h={24} radius={6} />
          <Skeleton w={24} h={24} radius={6} />
          <Skeleton w={82} h={22} radius={11} />
        </div>
      ))}
    </div>
  );
}
