// What keeps requests from being sent once more, with a way to mend it: then they can be sent after all.
import { Button } from "@mantine/core";
import { useRouterState } from "@tanstack/react-router";
import { useEffect, useEffectEvent, useState } from "react";
import type { RequestDetails } from "../../api/types";
import { useRequest } from "../../lib/data";
import { t } from "../../strings/en";
import { Dialog } from "../../ui/Dialog";
import { Preflight, useChecked } from "./Preflight";

/** Requests that were not sent. */
export interface Stopped {
  doing: string;
  /** The word on the button that sends. */
  yes: string;
  ids: string[];
  send: (ids: string[]) => void;
}

export function StoppedDialog({ doing, yes, ids, send, onClose }: Stopped & { onClose: () => void }) {
  const [left, setLeft] = useState(ids);
  useLeft(onClose);
  const sendOne = (id: string) => {
    const others = left.filter((other) => other !== id);
    if (others.length === 0) onClose();
    setLeft(others);
    send([id]);
  };
  return (
    <Dialog
      open
      title={doing}
      closeWord={t.close}
      onClose={onClose}
      width={560}
      actions={<Button onClick={onClose}>{t.close}</Button>}
    >
      {left.map((id) => (
        <StoppedRequest key={id} id={id} yes={yes} alone={ids.length === 1} onSend={() => sendOne(id)} />
      ))}
    </Dialog>
  );
}

/** Closes once one of its buttons has led to another screen. */
function useLeft(onClose: () => void) {
  const path = useRouterState({ select: (s) => s.location.pathname });
  const [from] = useState(path);
  const close = useEffectEvent(onClose);
  useEffect(() => {
    if (path !== from) close();
  }, [path, from]);
}

interface StoppedRequestProps {
  id: string;
  yes: string;
  alone: boolean;
  onSend: () => void;
}

function StoppedRequest({ id, yes, alone, onSend }: StoppedRequestProps) {
  const { data } = useRequest(id);
  if (!data) return null;
  return (
    <section aria-label={data.client}>
      <p className="t2">{alone ? t.preflight.notSent : t.preflight.notSentOf(data.client)}</p>
      <Lines d={data} yes={yes} onSend={onSend} />
    </section>
  );
}

function Lines({ d, yes, onSend }: { d: RequestDetails; yes: string; onSend: () => void }) {
  const checked = useChecked(d);
  return (
    <>
      <Preflight d={d} checked={checked} />
      <p className="row gap8">
        <span className="sp" />
        <Button variant="filled" disabled={checked.pending || checked.stops} onClick={onSend}>
          {yes}
        </Button>
      </p>
    </>
  );
}
