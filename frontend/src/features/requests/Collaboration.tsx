import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { Link, useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useApp } from "../../lib/app";
import { links } from "../../lib/links";
import { t } from "../../strings/en";
import { Keys } from "../../ui/Keys";

const exact = { exact: true, includeSearch: false };

/** The head of Collaboration with its two tabs. */
export function CollaborationHead({ primary, children }: { primary: boolean; children?: ReactNode }) {
  return (
    <>
      <div className="head">
        <h1>{t.collaboration}</h1>
        <span className="sp" />
        {children}
        <RequestButton primary={primary} />
      </div>
      <nav className="tabs" aria-label={t.collaboration}>
        <Link className="tab" {...links.requests} activeOptions={exact}>
          {t.tabs.requests}
        </Link>
        <Link className="tab" {...links.brand}>
          {t.tabs.settings}
        </Link>
      </nav>
    </>
  );
}

export function RequestButton({ primary = true }: { primary?: boolean }) {
  const navigate = useNavigate();
  const { preferences } = useApp();
  return (
    <Button
      variant={primary ? "filled" : "default"}
      onClick={() => navigate(links.newRequest)}
      leftSection={<IconPlus size={16} stroke={1.75} aria-hidden="true" />}
      rightSection={preferences.single_keys && <Keys keys={["N"]} />}
    >
      {t.request}
    </Button>
  );
}
