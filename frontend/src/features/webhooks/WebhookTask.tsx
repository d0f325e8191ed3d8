import { api } from "../../api/client";
import type { Webhook, WebhookDelivery } from "../../api/types";
import { t } from "../../strings/en";
import { DangerDialog } from "../../ui/DangerDialog";
import { useRequestActions } from "../requests/actions";
import { changeWebhook } from "./change";
import { WebhookDialog } from "./WebhookDialog";
import { WebhookLog } from "./WebhookLog";

/** What the user does with a webhook: one dialog at a time. */
export type Task =
  | { is: "edit"; hook: Webhook | null }
  | { is: "log"; hook: Webhook; tested?: WebhookDelivery[] }
  | { is: "secret" | "remove"; hook: Webhook };

interface WebhookTaskProps {
  task: Task;
  onClose: () => void;
  /** Something was changed; there may be a new secret. */
  onSaved: (name: string, secret: string) => void;
}

/** The dialog that is open. */
export function WebhookTask({ task, onClose, onSaved }: WebhookTaskProps) {
  switch (task.is) {
    case "edit":
      return <WebhookDialog hook={task.hook} onClose={onClose} onSaved={onSaved} />;
    case "log":
      return <WebhookLog hook={task.hook} tested={task.tested} onClose={onClose} />;
    case "secret":
      return <SecretDialog hook={task.hook} onClose={onClose} onSaved={onSaved} />;
    case "remove":
      return <RemoveDialog hook={task.hook} onClose={onClose} onSaved={onSaved} />;
  }
}

type QuestionProps = Omit<WebhookTaskProps, "task"> & { hook: Webhook };

function SecretDialog({ hook, onClose, onSaved }: QuestionProps) {
  const act = useRequestActions();
  const replace = () =>
    act.run(t.webhooks.newSecret, async () => {
      const list = await changeWebhook(hook, { new_secret: true });
      onSaved(hook.name, list.secret);
    });
  return (
    <DangerDialog
      title={t.webhooks.newSecretTitle(hook.name)}
      words={t}
      yes={t.webhooks.newSecret}
      onYes={replace}
      onClose={onClose}
    >
      <p className="t2">{t.webhooks.newSecretText}</p>
    </DangerDialog>
  );
}

function RemoveDialog({ hook, onClose, onSaved }: QuestionProps) {
  const act = useRequestActions();
  const remove = () =>
    act.run(
      t.webhooks.remove,
      () => api.deleteWebhook({ id: hook.id }).finally(() => onSaved(hook.name, "")),
      t.toast.deleted,
    );
  return (
    <DangerDialog
      title={t.webhooks.removeTitle(hook.name)}
      words={t}
      yes={t.webhooks.remove}
      onYes={remove}
      onClose={onClose}
    >
      <p className="t2">{t.webhooks.removeText}</p>
    </DangerDialog>
  );
}
