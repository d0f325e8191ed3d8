import { IconPlus } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { requests, writeRoute } from "../../lib/route";
import { go, useApp } from "../../lib/shell";
import { t } from "../../strings/en";
import { Keys } from "../../ui/basics";

/** The head of Collaboration with its two tabs. */
export function CollaborationHead({
  tab,
  primary,
  children,
}: {
  tab: "requests" | "settings";
  primary: boolean;
  children?: ReactNode;
}) {
  return (
    <>
      <div className="head">
        <h1>{t.collaboration}</h1>
        <span className="sp" />
        {children}
        <RequestButton primary={primary} />
      </div>
      <nav className="tabs" aria-label={t.collaboration}>
        <a className="tab" aria-current={tab === "requests" ? "page" : undefined} href={writeRoute(requests)}>
          {t.tabs.requests}
        </a>
        <a className="tab" aria-current={tab === "settings" ? "page" : undefined} href={writeRoute({ at: "brand" })}>
          {t.tabs.settings}
        </a>
      </nav>
    </>
  );
}

export function RequestButton({ primary = true }: { primary?: boolean }) {
  const { preferences } = useApp();
  return (
    <button type="button" className={`btn${primary ? " primary" : ""}`} onClick={() => go({ at: "new" })}>
      <IconPlus size={16} stroke={1.75} aria-hidden="true" />
      {t.request}
      {preferences.single_keys && <Keys keys={["N"]} />}
    </button>
  );
}
