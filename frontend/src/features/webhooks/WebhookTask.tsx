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
      return (
        <Question
          title={t.webhooks.newSecretTitle(task.hook.name)}
          text={t.webhooks.newSecretText}
          yes={t.webhooks.newSecret}
          call={async () => {
            const list = await changeWebhook(task.hook, { new_secret: true });
            onSaved(task.hook.name, list.secret);
          }}
          onClose={onClose}
        />
      );
    case "remove":
      return (
        <Question
          title={t.webhooks.removeTitle(task.hook.name)}
          text={t.webhooks.removeText}
          yes={t.webhooks.remove}
          call={() => api.deleteWebhook({ id: task.hook.id }).finally(() => onSaved(task.hook.name, ""))}
          success={t.toast.deleted}
          onClose={onClose}
        />
      );
  }
}

interface QuestionProps {
  title: string;
  text: string;
  yes: string;
  call: () => Promise<unknown>;
  success?: string;
  onClose: () => void;
}

/** Asks before a call that cannot be taken back. */
function Question({ title, text, yes, call, success, onClose }: QuestionProps) {
  const act = useRequestActions();
  return (
    <DangerDialog title={title} words={t} yes={yes} onYes={() => act.run(yes, call, success)} onClose={onClose}>
      <p className="t2">{text}</p>
    </DangerDialog>
  );
}
