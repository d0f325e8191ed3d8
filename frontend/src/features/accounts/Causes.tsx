// Why accounts could not be checked, although the platform refused none of them: once for all of them.
import { Button } from "@mantine/core";
import { IconPlugConnectedX } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { api } from "../../api/client";
import type { CauseView, ItemRow } from "../../api/types";
import { useApp } from "../../lib/app";
import { useCauses } from "../../lib/data";
import { when } from "../../lib/dates";
import { signInLink } from "../../lib/links";
import { t } from "../../strings/en";
import { useRequestActions } from "../requests/actions";
import classes from "./Causes.module.css";

/** The sentence about a cause: the catalogue's, or ours for what is not the platform's. */
export function causeTitle(c: CauseView): string {
  return c.title || t.accounts.unchecked[c.subject] || "";
}

/** The one action that helps; nothing, where there is none but to wait. */
export function CauseFix({ c }: { c: CauseView }) {
  const navigate = useNavigate();
  const act = useRequestActions();
  const waits = c.fix === "" || c.fix === "check";
  if (waits && c.subject !== "keychain") return null;
  if (c.fix === "users") {
    return (
      <Button size="xs" onClick={() => navigate(signInLink)}>
        {t.problem.fix.users()}
      </Button>
    );
  }
  const label = t.problem.fix[c.fix === "note" || c.fix === "open" ? c.fix : "check"]("");
  const press = () => {
    if (c.fix === "note") act.run(label, () => api.copy({ text: c.note }), t.problem.noteCopied);
    else if (c.fix === "open") act.run(label, () => api.browse({ address: c.open }));
    else act.run(label, () => api.checkNow({ items: [] }), t.toast.checked);
  };
  return (
    <Button size="xs" onClick={press} title={c.note || undefined}>
      {label}
    </Button>
  );
}

/** One line for each cause, above the accounts. */
export function Causes() {
  const { now } = useApp();
  const causes = useCauses().data ?? [];
  const lines = causes.map((c) => (
    <div key={c.subject} className="banner" role="status">
      <IconPlugConnectedX size={17} stroke={1.75} aria-hidden="true" />
      <span className={classes.text}>
        <b>{t.accounts.uncheckedWhy(causeTitle(c))}</b>{" "}
        {c.items > 0 && t.accounts.lastKnown(c.items, c.checked ? when(c.checked, now) : "")}
      </span>
      <CauseFix c={c} />
    </div>
  ));
  return lines.length > 0 && <div className={classes.causes}>{lines}</div>;
}

/** Below an account: since when its state is the last known one, and why. */
export function Unchecked({ i }: { i: ItemRow }) {
  const { now } = useApp();
  if (!i.unchecked) return null;
  return (
    <p className={`t3 small ${classes.unchecked}`}>
      {t.accounts.uncheckedSince(i.checked ? when(i.checked, now) : "")}
      {" · "}
      {t.accounts.uncheckedWhy(causeTitle(i.unchecked))}
    </p>
  );
}
