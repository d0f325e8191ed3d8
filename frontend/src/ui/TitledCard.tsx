import { Card } from "@mantine/core";
import { type ReactNode, useId } from "react";
import css from "./TitledCard.module.css";

interface TitledCardProps {
  title: ReactNode;
  /** How many are in it, beside its title. */
  count?: number;
  /** At the end of the title's line. */
  end?: ReactNode;
  /** Says what changes in it. */
  live?: boolean;
  children?: ReactNode;
}

/** A part of a screen under a heading. */
export function TitledCard({ title, count, end, live = false, children }: TitledCardProps) {
  const id = useId();
  return (
    <Card component="section" aria-labelledby={id} aria-live={live ? "polite" : undefined}>
      <h2 id={id} className={css.title}>
        {title}
        {count !== undefined && <span className="count2">{count}</span>}
        {end && <span className={css.end}>{end}</span>}
      </h2>
      {children}
    </Card>
  );
}

/** What a card is about, beside the button for it. */
export function CardLead({ text, action }: { text: string; action?: ReactNode }) {
  return (
    <div className={css.lead}>
      <span>{text}</span>
      {action}
    </div>
  );
}

/** A tab of the settings of which this person may see no more than a sentence. */
export function NoticeCard({ title, text }: { title: string; text: string }) {
  return (
    <div className="settings-col">
      <TitledCard title={title}>
        <CardBody>
          <p className="t2">{text}</p>
        </CardBody>
      </TitledCard>
    </div>
  );
}

/** What is read in a card, within its margins. */
export function CardBody({ children }: { children: ReactNode }) {
  return <div className={css.body}>{children}</div>;
}
