import { ActionIcon, Button, Menu } from "@mantine/core";
import { IconBrandSlack, IconBrandTeams, IconDots, IconWebhook } from "@tabler/icons-react";
import { useState } from "react";
import { api } from "../../api/client";
import type { WebhookForm } from "../../api/enums";
import type { Webhook } from "../../api/types";
import { useApp } from "../../lib/app";
import { dotted } from "../../lib/bidi";
import { queries } from "../../lib/data";
import { when } from "../../lib/dates";
import { t } from "../../strings/en";
import { DangerDialog } from "../../ui/DangerDialog";
import { useRequestActions } from "../requests/actions";
import css from "./Webhooks.module.css";

const icons = { slack: IconBrandSlack, teams: IconBrandTeams, program: IconWebhook } satisfies Record<
  WebhookForm,
  unknown
>;

interface WebhookRowProps {
  hook: Webhook;
  onTest: () => void;
  onEdit: () => void;
  onLog: () => void;
  onSaved: (name: string, secret: string) => void;
}

export function WebhookRow({ hook, onTest, onEdit, onLog, onSaved }: WebhookRowProps) {
  const { now } = useApp();
  const act = useRequestActions();
  const [deleting, setDeleting] = useState(false);
  const Icon = icons[hook.form];
  const save = (doing: string, change: { on?: boolean; new_secret?: boolean }) =>
    act.run(doing, async () => {
      const { id, name, form, kinds, on } = hook;
      const list = await api.saveWebhook({ id, name, form, address: "", kinds, on, new_secret: false, ...change });
      onSaved(name, list.secret);
    });
  const remove = () =>
    act.run(
      t.webhooks.remove,
      () => api.deleteWebhook({ id: hook.id }).finally(() => queries.invalidateQueries({ queryKey: ["webhooks"] })),
      t.toast.deleted,
    );
  const state = stateOf(hook, now);
  return (
    <div className={css.hook}>
      <span className={`icontile ${hook.off ? "f" : "p"}`}>
        <Icon size={17} stroke={1.75} aria-hidden="true" />
      </span>
      <span className={`two ${css.grow}`}>
        <b title={hook.name}>{hook.name}</b>
        <span className="l2">
          {dotted([t.webhooks.forms[hook.form], hook.host])}
          {state && <span className={hook.off ? "fail" : "wait"}> · {state}</span>}
        </span>
      </span>
      {hook.off && (
        <Button size="xs" onClick={() => save(t.webhooks.switchOn, { on: true })}>
          {t.webhooks.switchOn}
        </Button>
      )}
      <Button size="xs" onClick={onTest} aria-label={t.webhooks.testOf(hook.name)}>
        {t.webhooks.test}
      </Button>
      <Menu width={220} position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon size={30} variant="subtle" aria-label={t.settings.memberActions(hook.name)}>
            <IconDots size={18} stroke={1.75} aria-hidden="true" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={onLog}>{t.webhooks.log}</Menu.Item>
          <Menu.Item onClick={onEdit}>{t.webhooks.edit}</Menu.Item>
          <Menu.Item onClick={() => save(hook.on ? t.webhooks.switchOff : t.webhooks.switchOn, { on: !hook.on })}>
            {hook.on ? t.webhooks.switchOff : t.webhooks.switchOn}
          </Menu.Item>
          {hook.form === "program" && (
            <Menu.Item onClick={() => save(t.webhooks.newSecret, { new_secret: true })}>
              {t.webhooks.newSecret}
            </Menu.Item>
          )}
          <Menu.Item className="danger" onClick={() => setDeleting(true)}>
            {t.webhooks.remove}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {deleting && (
        <DangerDialog
          title={t.webhooks.removeTitle(hook.name)}
          words={t}
          yes={t.webhooks.remove}
          onYes={remove}
          onClose={() => setDeleting(false)}
        >
          <p className="t2">{t.webhooks.removeText}</p>
        </DangerDialog>
      )}
    </div>
  );
}

/** What there is to say about it; nothing while deliveries succeed. */
function stateOf(hook: Webhook, now: number): string {
  if (hook.off) return t.webhooks.offBecause[hook.off === "gone" ? "gone" : "failing"](when(hook.off_since, now));
  if (!hook.on) return t.webhooks.isOff;
  return hook.failing ? t.webhooks.failing(when(hook.failing, now)) : "";
}
