// What keeps requests from being sent once more, with a way to mend it: then they can be sent after all.
import { Button } from "@mantine/core";
import { useRouterState } from "@tanstack/react-router";
import { useEffect, useEffectEvent, useState } from "react";
import type { RequestDetails } from "../../api/types";
import { useRequest } from "../../lib/data";
import { t } from "../../strings/en";
import { Dialog } from "../../ui/Dialog";
import { Preflight, useChecked } from "./Preflight";
import classes from "./StoppedDialog.module.css";

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
  const [ready, setReady] = useState(false);
  const [only, ...more] = ids;
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
      actions={
        <>
          <Button onClick={onClose}>{t.close}</Button>
          {only && more.length === 0 && (
            <Button variant="filled" disabled={!ready} onClick={() => sendOne(only)}>
              {yes}
            </Button>
          )}
        </>
      }
    >
      {left.map((id) => (
        <StoppedRequest
          key={id}
          id={id}
          yes={yes}
          alone={more.length === 0}
          onReady={setReady}
          onSend={() => sendOne(id)}
        />
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
  /** The dialog has the button that sends it. */
  alone: boolean;
  onReady: (ready: boolean) => void;
  onSend: () => void;
}

function StoppedRequest({ id, ...rest }: StoppedRequestProps) {
  const { data } = useRequest(id);
  if (!data) return null;
  return (
    <section aria-label={data.client} className={classes.request}>
      <p className="t2">{rest.alone ? t.preflight.notSent : t.preflight.notSentOf(data.client)}</p>
      <Lines d={data} {...rest} />
    </section>
  );
}

type LinesProps = Omit<StoppedRequestProps, "id"> & { d: RequestDetails };

function Lines({ d, yes, alone, onReady, onSend }: LinesProps) {
  const checked = useChecked(d);
  const ready = !checked.pending && !checked.stops;
  useEffect(() => onReady(ready), [onReady, ready]);
  return (
    <>
      <Preflight d={d} checked={checked} />
      {!alone && (
        <p className="row gap8">
          <span className="sp" />
          <Button variant="filled" size="xs" disabled={!ready} onClick={onSend}>
            {yes}
          </Button>
        </p>
      )}
    </>
  );
}
