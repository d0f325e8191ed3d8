import { Button } from "@mantine/core";
import { IconPlus, IconWebhook } from "@tabler/icons-react";
import { useState } from "react";
import { api } from "../../api/client";
import type { Webhook, WebhookDelivery } from "../../api/types";
import { useApp } from "../../lib/app";
import { queries, useWebhooks } from "../../lib/data";
import { toUiError } from "../../lib/errors";
import { t } from "../../strings/en";
import { Empty } from "../../ui/Empty";
import { ErrorLine } from "../../ui/ErrorCard";
import { CardBody, TitledCard } from "../../ui/TitledCard";
import { useRequestActions } from "../requests/actions";
import { WebhookDialog } from "./WebhookDialog";
import { WebhookLog } from "./WebhookLog";
import { WebhookRow } from "./WebhookRow";
import { type NewSecret, WebhookSecret } from "./WebhookSecret";
import css from "./Webhooks.module.css";

type Task = { is: "edit"; hook: Webhook | null } | { is: "log"; hook: Webhook; tested?: WebhookDelivery[] };

/** Where the agency's news are posted. */
export function Webhooks() {
  const { session } = useApp();
  if (session.role !== "main") {
    return (
      <div className="settings-col">
        <TitledCard title={t.webhooks.title}>
          <CardBody>
            <p className="t2">{t.webhooks.mainOnly}</p>
          </CardBody>
        </TitledCard>
      </div>
    );
  }
  return <WebhookList />;
}

function WebhookList() {
  const list = useWebhooks();
  const act = useRequestActions();
  const [task, setTask] = useState<Task | null>(null);
  const [secret, setSecret] = useState<NewSecret | null>(null);
  const hooks = list.data?.webhooks ?? [];
  const off = list.data?.off ?? false;
  const refresh = () => void queries.invalidateQueries({ queryKey: ["webhooks"] });
  const saved = (name: string, made: string) => {
    refresh();
    if (made) setSecret({ name, secret: made });
  };
  const test = (hook: Webhook) =>
    act.run(t.webhooks.test, async () => {
      const tested = await api.testWebhook({ id: hook.id });
      setTask({ is: "log", hook, tested });
    });
  const add = (
    <Button
      variant="filled"
      leftSection={<IconPlus size={16} stroke={1.75} aria-hidden="true" />}
      onClick={() => setTask({ is: "edit", hook: null })}
    >
      {t.webhooks.add}
    </Button>
  );
  return (
    <div className="settings-col">
      {secret && <WebhookSecret made={secret} />}
      <TitledCard title={t.webhooks.title} {...(hooks.length > 0 ? { count: hooks.length } : {})}>
        {list.isError && (
          <CardBody>
            <ErrorLine {...toUiError(list.error)} />
          </CardBody>
        )}
        {off && <p className={css.notice}>{t.webhooks.forbidden}</p>}
        {list.data && hooks.length === 0 && !off && (
          <Empty icon={<IconWebhook size={24} stroke={1.75} />} title={t.webhooks.none} actions={add}>
            {t.webhooks.text}
          </Empty>
        )}
        {hooks.length > 0 && (
          <div className={css.lead}>
            <span>{t.webhooks.text}</span>
            {!off && add}
          </div>
        )}
        {hooks.map((hook) => (
          <WebhookRow
            key={hook.id}
            hook={hook}
            onTest={() => test(hook)}
            onEdit={() => setTask({ is: "edit", hook })}
            onLog={() => setTask({ is: "log", hook })}
            onSaved={saved}
          />
        ))}
      </TitledCard>
      {task?.is === "edit" && <WebhookDialog hook={task.hook} onClose={() => setTask(null)} onSaved={saved} />}
      {task?.is === "log" && (
        <WebhookLog
          hook={task.hook}
          tested={task.tested}
          onClose={() => {
            setTask(null);
            refresh();
          }}
        />
      )}
    </div>
  );
}
