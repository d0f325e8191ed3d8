import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { api } from "../../api/client";
import type { DeliveryError, NewsKind } from "../../api/enums";
import type { Webhook, WebhookDelivery } from "../../api/types";
import { useApp } from "../../lib/app";
import { dotted } from "../../lib/bidi";
import { clock, exact, until, whenExactly } from "../../lib/dates";
import { toUiError } from "../../lib/errors";
import { useSubmit } from "../../lib/useSubmit";
import { t } from "../../strings/en";
import { Dialog } from "../../ui/Dialog";
import { ErrorLine } from "../../ui/ErrorCard";
import { SkeletonRows } from "../../ui/SkeletonRows";
import css from "./Webhooks.module.css";

/** Milliseconds after which the log is read again while it is open. */
const refetchAfter = 5000;

interface WebhookLogProps {
  hook: Webhook;
  /** The log behind a test, whose answer is its first line. */
  tested?: WebhookDelivery[] | undefined;
  onClose: () => void;
}

/** The last deliveries of a webhook. */
export function WebhookLog({ hook, tested, onClose }: WebhookLogProps) {
  const client = useQueryClient();
  const shown = useRef<HTMLElement>(null);
  const queryKey = ["webhookLog", hook.id];
  const log = useQuery({
    queryKey,
    queryFn: () => api.webhookLog({ id: hook.id }),
    initialData: tested,
    gcTime: 0,
    refetchInterval: refetchAfter,
  });
  const again = useSubmit<string, WebhookDelivery[]>({
    call: (delivery) => api.resendDelivery({ id: hook.id, delivery }),
    onSuccess: (list) => {
      // The button that was clicked goes, and would take the focus with it.
      if (shown.current?.contains(document.activeElement)) shown.current.focus();
      client.setQueryData(queryKey, list);
    },
  });
  const error = again.error ?? (log.isError ? toUiError(log.error) : null);
  return (
    <Dialog
      open
      title={t.webhooks.logTitle(hook.name)}
      closeWord={t.close}
      width={640}
      onClose={onClose}
      actions={<Button onClick={onClose}>{t.close}</Button>}
    >
      {error && <ErrorLine message={error.message} reference={error.reference} />}
      {log.isPending && <SkeletonRows rows={3} label={t.loading} />}
      {log.data?.length === 0 && <p className="t2">{t.webhooks.logNone}</p>}
      {log.data && log.data.length > 0 && (
        // A list that scrolls has to be reached by the keyboard.
        <section ref={shown} className={css.log} aria-label={t.webhooks.log} tabIndex={0}>
          <ul>
            {log.data.map((d) => (
              <Delivery key={d.id} delivery={d} onAgain={hook.on ? () => again.submit(d.id) : null} />
            ))}
          </ul>
        </section>
      )}
      <p className={css.kept}>{t.webhooks.logKept}</p>
    </Dialog>
  );
}

function Delivery({ delivery: d, onAgain }: { delivery: WebhookDelivery; onAgain: (() => void) | null }) {
  const { now } = useApp();
  const kind = t.webhooks.kinds[d.kind as NewsKind] ?? t.webhooks.aTest;
  const at = d.tried || d.created;
  return (
    <li className={css.delivery}>
      <span className="two grow">
        <b>{kind}</b>
        <span className="l2">
          <span className={d.error ? "fail" : ""} aria-live="polite">
            {answerOf(d, now)}
          </span>
        </span>
        {d.reply && <span className={css.reply}>{d.reply}</span>}
      </span>
      <span className={css.at} title={exact(at)}>
        {dotted([whenExactly(at, now), d.attempts > 1 ? t.webhooks.attempt(d.attempts) : ""])}
      </span>
      {onAgain && d.state !== "waiting" && (
        <Button size="xs" onClick={onAgain} aria-label={t.webhooks.againOf(kind, clock(at))}>
          {t.webhooks.again}
        </Button>
      )}
    </li>
  );
}

/** What the receiver answered, or why it did not, and what comes next. */
function answerOf(d: WebhookDelivery, now: number): string {
  if (d.error === "") return d.state === "waiting" ? t.webhooks.waits : t.webhooks.arrived(d.status);
  const why = whyNot(d.error, d.status);
  return d.state === "waiting" ? `${why} ${t.webhooks.next(until(d.next, now))}` : why;
}

/** A newer relay may have reasons that these screens lack. */
function whyNot(error: DeliveryError, status: number): string {
  return t.webhooks.errors[error]?.(status) ?? t.webhooks.otherError;
}
