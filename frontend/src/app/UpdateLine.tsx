import { IconDownload } from "@tabler/icons-react";
import { api } from "../api/client";
import { useApp } from "../lib/app";
import { t } from "../strings/en";

/** In one line: the relay's operator allows a newer version. Nothing is installed by itself. */
export function UpdateLine() {
  const { update } = useApp().session;
  if (!update) return null;
  return (
    <a
      className="sync"
      href={update.url}
      title={t.update.title}
      onClick={(e) => {
        e.preventDefault();
        void api.browse({ address: update.url }).catch(() => {});
      }}
    >
      <IconDownload size={16} stroke={1.75} aria-hidden="true" />
      <span>{t.update.line(update.version)}</span>
    </a>
  );
}
