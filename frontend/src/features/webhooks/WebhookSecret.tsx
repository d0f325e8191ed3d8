import { ActionIcon } from "@mantine/core";
import { IconCopy } from "@tabler/icons-react";
import { copyText } from "../../lib/clipboard";
import { t } from "../../strings/en";
import { CardBody, TitledCard } from "../../ui/TitledCard";
import css from "./Webhooks.module.css";

export interface NewSecret {
  name: string;
  secret: string;
}

/** The secret of a webhook, shown this once. */
export function WebhookSecret({ made }: { made: NewSecret }) {
  return (
    <TitledCard title={t.webhooks.secretOf(made.name)} live>
      <CardBody>
        <div className={css.secret}>
          <code className={css.grow}>{made.secret}</code>
          <ActionIcon size={30} aria-label={t.copy} onClick={() => void copyText(made.secret)}>
            <IconCopy size={16} stroke={1.75} aria-hidden="true" />
          </ActionIcon>
        </div>
        <p className={css.once}>{t.webhooks.secretOnce}</p>
      </CardBody>
    </TitledCard>
  );
}
