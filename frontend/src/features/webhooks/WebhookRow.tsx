import { Button, Menu } from "@mantine/core";
import { IconBrandSlack, IconBrandTeams, IconWebhook } from "@tabler/icons-react";
import { api } from "../../api/client";
import type { WebhookForm } from "../../api/enums";
import type { Webhook, WebhookDelivery } from "../../api/types";
import { useApp } from "../../lib/app";
import { dotted } from "../../lib/bidi";
import { when } from "../../lib/dates";
import { useSubmit } from "../../lib/useSubmit";
import { t } from "../../strings/en";
import { BusyButton } from "../../ui/BusyButton";
import { CardRow } from "../../ui/CardRow";
import { ErrorLine } from "../../ui/ErrorCard";
import { RowMenu } from "../../ui/RowMenu";
import { useRequestActions } from "../requests/actions";
import { changeWebhook } from "./change";
import css from "./Webhooks.module.css";
import type { Task } from "./WebhookTask";

const icons = { slack: IconBrandSlack, teams: IconBrandTeams, program: IconWebhook } satisfies Record<
  WebhookForm,
  unknown
>;

interface WebhookRowProps {
  hook: Webhook;
  onTask: (task: Task) => void;
  /** A test was answered, which may take a while. */
  onTested: (log: WebhookDelivery[]) => void;
  onSaved: (name: string, secret: string) => void;
}

export function WebhookRow({ hook, onTask, onTested, onSaved }: WebhookRowProps) {
  const { now } = useApp();
  const act = useRequestActions();
  const test = useSubmit<void, WebhookDelivery[]>({
    call: () => api.testWebhook({ id: hook.id }),
    onSuccess: onTested,
  });
  const turn = (on: boolean) =>
    act.run(on ? t.webhooks.switchOn : t.webhooks.switchOff, async () => {
      const list = await changeWebhook(hook, { on });
      onSaved(hook.name, list.secret);
    });
  return (
    <>
      <CardRow
        before={<Picture hook={hook} />}
        title={hook.name}
        hint={hook.name}
        text={<About hook={hook} state={stateOf(hook, now)} />}
        wraps
      >
        {hook.off && (
          <Button size="xs" onClick={() => turn(true)}>
            {t.webhooks.switchOn}
          </Button>
        )}
        <BusyButton size="xs" busy={test.busy} onClick={() => test.submit()} aria-label={t.webhooks.testOf(hook.name)}>
          {t.webhooks.test}
        </BusyButton>
        <HookMenu hook={hook} onTask={onTask} onTurn={() => turn(!hook.on)} />
      </CardRow>
      {test.error && (
        <div className={css.failed}>
          <ErrorLine
            message={test.error.message}
            reference={test.error.reference}
            onClose={test.reset}
            closeWord={t.close}
          />
        </div>
      )}
    </>
  );
}

function Picture({ hook }: { hook: Webhook }) {
  // A newer relay may have forms that these screens lack.
  const Icon = icons[hook.form] ?? IconWebhook;
  return (
    <span className={`icontile ${hook.off ? "f" : "p"}`}>
      <Icon size={17} stroke={1.75} aria-hidden="true" />
    </span>
  );
}

function About({ hook, state }: { hook: Webhook; state: string }) {
  return (
    <>
      {dotted([t.webhooks.forms[hook.form] ?? hook.form, hook.host])}
      {state && <span className={hook.off ? "fail" : "wait"}> · {state}</span>}
    </>
  );
}

interface HookMenuProps {
  hook: Webhook;
  onTask: (task: Task) => void;
  onTurn: () => void;
}

function HookMenu({ hook, onTask, onTurn }: HookMenuProps) {
  return (
    <RowMenu label={t.settings.memberActions(hook.name)}>
      <Menu.Item onClick={() => onTask({ is: "log", hook })}>{t.webhooks.log}</Menu.Item>
      <Menu.Item onClick={() => onTask({ is: "edit", hook })}>{t.webhooks.edit}</Menu.Item>
      <Menu.Item onClick={onTurn}>{hook.on ? t.webhooks.switchOff : t.webhooks.switchOn}</Menu.Item>
      {hook.form === "program" && (
        <Menu.Item onClick={() => onTask({ is: "secret", hook })}>{t.webhooks.newSecret}</Menu.Item>
      )}
      <Menu.Item className="danger" onClick={() => onTask({ is: "remove", hook })}>
        {t.webhooks.remove}
      </Menu.Item>
    </RowMenu>
  );
}

/** A note about it; none while deliveries succeed. */
function stateOf(hook: Webhook, now: number): string {
  if (hook.off) {
    const because = hook.off === "gone" || hook.off === "restored" ? hook.off : "failing";
    return t.webhooks.offBecause[because](when(hook.off_since, now));
  }
  if (!hook.on) return t.webhooks.isOff;
  return hook.failing ? t.webhooks.failing(when(hook.failing, now)) : "";
}
