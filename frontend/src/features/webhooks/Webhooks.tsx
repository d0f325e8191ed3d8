import { Button } from "@mantine/core";
import { IconPlus, IconWebhook } from "@tabler/icons-react";
import { useState } from "react";
import { useApp } from "../../lib/app";
import { queries, useWebhooks } from "../../lib/data";
import { toUiError } from "../../lib/errors";
import { t } from "../../strings/en";
import { Empty } from "../../ui/Empty";
import { ErrorLine } from "../../ui/ErrorCard";
import { SkeletonRows } from "../../ui/SkeletonRows";
import { CardBody, CardLead, NoticeCard, TitledCard } from "../../ui/TitledCard";
import { WebhookRow } from "./WebhookRow";
import { type NewSecret, WebhookSecret } from "./WebhookSecret";
import css from "./Webhooks.module.css";
import { type Task, WebhookTask } from "./WebhookTask";

/** Where the agency's news is posted. */
export function Webhooks() {
  const { session } = useApp();
  if (session.role !== "main") return <NoticeCard title={t.webhooks.title} text={t.webhooks.mainOnly} />;
  return <WebhookList />;
}

function WebhookList() {
  const list = useWebhooks();
  const [task, setTask] = useState<Task | null>(null);
  const [secret, setSecret] = useState<NewSecret | null>(null);
  const hooks = list.data?.webhooks ?? [];
  const off = list.data?.off ?? false;
  const refresh = () => void queries.invalidateQueries({ queryKey: ["webhooks"] });
  const saved = (name: string, made: string) => {
    refresh();
    if (made) setSecret({ name, secret: made });
  };
  const close = () => {
    setTask(null);
    refresh();
  };
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
        {list.isPending && <SkeletonRows rows={2} label={t.loading} />}
        {list.isError && <Failure cause={list.error} onAgain={() => void list.refetch()} />}
        {off && <p className={css.notice}>{t.webhooks.forbidden}</p>}
        {list.data && hooks.length === 0 && !off && (
          <Empty icon={<IconWebhook size={24} stroke={1.75} />} title={t.webhooks.none} actions={add}>
            {t.webhooks.text}
          </Empty>
        )}
        {hooks.length > 0 && <CardLead text={t.webhooks.text} action={!off && add} />}
        {hooks.map((hook) => (
          <WebhookRow
            key={hook.id}
            hook={hook}
            onTask={setTask}
            // What was opened meanwhile stays: its log has the answer too.
            onTested={(tested) => setTask((open) => open ?? { is: "log", hook, tested })}
            onSaved={saved}
          />
        ))}
      </TitledCard>
      {task && <WebhookTask task={task} onClose={close} onSaved={saved} />}
    </div>
  );
}

function Failure({ cause, onAgain }: { cause: unknown; onAgain: () => void }) {
  const { message, reference } = toUiError(cause);
  return (
    <CardBody>
      <ErrorLine message={message} reference={reference} />
      <Button size="xs" className={css.again ?? ""} onClick={onAgain}>
        {t.tryAgain}
      </Button>
    </CardBody>
  );
}
