import { ActionIcon } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTitle } from "../lib/app";
import { useBackToRequests } from "../lib/backToRequests";
import { t } from "../strings/en";

/** The head of a screen that leads back to the requests. */
export function BackHead({ title, children }: { title: string; children?: ReactNode }) {
  const back = useBackToRequests();
  useTitle(title);
  return (
    <div className="head ruled">
      <ActionIcon ml={-7} size={30} variant="subtle" aria-label={t.back} onClick={back}>
        <IconArrowLeft size={18} stroke={1.75} aria-hidden="true" />
      </ActionIcon>
      <h1 className="trunc" title={title}>
        {title}
      </h1>
      <span className="sp" />
      {children}
    </div>
  );
}
