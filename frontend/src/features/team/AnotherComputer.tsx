import { Button } from "@mantine/core";
import { t } from "../../strings/en";
import { CardBody, TitledCard } from "../../ui/TitledCard";

/** A code for one's own second computer. */
export function AnotherComputer({ onCode }: { onCode: () => void }) {
  return (
    <TitledCard title={t.settings.another}>
      <CardBody>
        <p className="t2">{t.settings.anotherText}</p>
        <Button size="xs" mt={10} onClick={onCode}>
          {t.settings.makeCode}
        </Button>
      </CardBody>
    </TitledCard>
  );
}
