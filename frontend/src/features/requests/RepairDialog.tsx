// A link by which the client repairs one account: to whom it goes, or just to copy.

import { Button, TextInput } from "@mantine/core";
import { IconCopy } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client";
import type { ItemRow, RepairPerson } from "../../api/types";
import { useApp } from "../../lib/app";
import { toUiError, type UiError } from "../../lib/errors";
import { isRepairOpen, outcomeSentence, repairText } from "../../lib/repair";
import { t } from "../../strings/en";
import { formWords } from "../../strings/forms";
import { BusyButton } from "../../ui/BusyButton";
import { FormDialog } from "../../ui/FormDialog";
import classes from "./ActionDialogs.module.css";
import { useRequestActions } from "./actions";

type Doing = "nothing" | "send" | "copy";

/** What the dialog does, and what went wrong. */
function useRepair(i: ItemRow, onClose: () => void) {
  const act = useRequestActions();
  const [busy, setBusy] = useState<Doing>("nothing");
  const [error, setError] = useState<UiError | null>(null);
  const prepare = async (doing: Doing, address: string) => {
    if (busy !== "nothing") return;
    setBusy(doing);
    setError(null);
    try {
      const outcome = await api.prepareRepairs({ repairs: [{ id: i.id, address }], lost: false });
      if (doing === "copy") await api.copyRepairs({ items: [i.id] });
      onClose();
      act.notify(outcomeSentence(outcome, doing === "copy"));
    } catch (cause) {
      setError(toUiError(cause));
      setBusy("nothing");
    }
  };
  const close = () => {
    onClose();
    act.run(t.repair.close, () => api.closeRepair({ id: i.id }), t.repair.closed);
  };
  return { busy, error, setError, prepare, close };
}

export function RepairDialog({ i, onClose }: { i: ItemRow; onClose: () => void }) {
  const { now } = useApp();
  const people = useQuery({
    queryKey: ["repairPeople", i.id],
    queryFn: () => api.repairPeople({ id: i.id }),
    gcTime: 0,
  });
  const [typed, setTyped] = useState<string | null>(null);
  const { busy, error, setError, prepare, close } = useRepair(i, onClose);
  const address = typed ?? i.repair?.address ?? people.data?.[0]?.address ?? "";
  const wrong = error?.field === "address" ? error : null;
  const type = (to: string) => {
    setTyped(to);
    setError(null);
  };
  const send = () => {
    if (address.trim() === "")
      return setError({ code: "invalid", field: "address", message: t.repair.enterAddress, reference: "" });
    void prepare("send", address.trim());
  };
  return (
    <FormDialog
      title={t.repair.title(i.name)}
      words={formWords}
      submit={t.repair.send}
      busy={busy === "send"}
      error={wrong ? null : error}
      width={520}
      onSubmit={(e) => {
        e.preventDefault();
        send();
      }}
      onClose={onClose}
      aside={
        <BusyButton
          busy={busy === "copy"}
          leftSection={<IconCopy size={16} stroke={1.75} aria-hidden="true" />}
          onClick={() => void prepare("copy", "")}
        >
          {t.repair.copy}
        </BusyButton>
      }
    >
      <p className="t2">{t.repair.lead}</p>
      {isRepairOpen(i.repair, now) && (
        <p className="t2 mid">
          {repairText(i.repair, now)}{" "}
          <button type="button" className="link" onClick={close}>
            {t.repair.close}
          </button>
        </p>
      )}
      <TextInput
        label={t.repair.to}
        type="text"
        inputMode="email"
        autoComplete="off"
        spellCheck={false}
        value={address}
        error={wrong?.message}
        data-autofocus
        onChange={(e) => type(e.currentTarget.value)}
      />
      <People people={people.data ?? []} address={address} onPick={type} />
    </FormDialog>
  );
}

interface PeopleProps {
  people: RepairPerson[];
  address: string;
  onPick: (address: string) => void;
}

/** Who has to do with the request already: a click takes their address. */
function People({ people, address, onPick }: PeopleProps) {
  if (people.length === 0) return <p className="t3 mid">{t.repair.nobodyKnown}</p>;
  return (
    <ul className={classes.people} aria-label={t.repair.people}>
      {people.map((p) => (
        <li key={p.address}>
          <Button
            size="xs"
            variant="default"
            aria-pressed={p.address === address.trim()}
            onClick={() => onPick(p.address)}
            title={p.address}
          >
            {t.repair.person(p.name || p.address, p.connected)}
          </Button>
        </li>
      ))}
    </ul>
  );
}
