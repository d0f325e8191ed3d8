import { t } from "../../strings/en";
import { CopyLine, OnceNote } from "../../ui/CopyLine";
import { CardBody, TitledCard } from "../../ui/TitledCard";

export interface NewSecret {
  name: string;
  secret: string;
}

/** The secret of a webhook, shown this once. */
export function WebhookSecret({ made }: { made: NewSecret }) {
  return (
    <TitledCard title={t.webhooks.secretOf(made.name)} live>
      <CardBody>
        <CopyLine value={made.secret} copyWord={t.copy} />
        <OnceNote>{t.webhooks.secretOnce}</OnceNote>
      </CardBody>
    </TitledCard>
  );
}
