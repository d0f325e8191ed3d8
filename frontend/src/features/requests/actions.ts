// What can be done with a request or an account, from wherever it is shown.
import { createContext, useContext } from "react";
import type { ItemRow, RequestRow } from "../../api/types";

export interface RequestActions {
  resend: (r: RequestRow) => void;
  /** Sends once more, and shows what comes of it. No recipients named: to all. */
  resendNow: (doing: string, requests: { id: string; to: string[] }[]) => void;
  copyLink: (r: RequestRow) => void;
  remove: (r: RequestRow) => void;
  /** A new link, which goes to the people who were invited, or to nobody. */
  renew: (r: RequestRow, send: boolean) => void;
  reopen: (r: RequestRow) => void;
  /** Reopens without asking. */
  reopenNow: (r: RequestRow, send: boolean) => void;
  archive: (r: RequestRow, on: boolean) => void;
  deleteClient: (r: RequestRow) => void;
  endAccess: (i: ItemRow) => void;
  /** Ends what a client has withdrawn without asking the platform. */
  endWithout: (i: ItemRow) => void;
  /** A link by which the client repairs the account. */
  repair: (i: ItemRow) => void;
  /** Which account it is that a client named, or that it has arrived. */
  findNamed: (i: ItemRow) => void;
  notify: (message: string) => void;
  /** Runs a call, then a notification; what goes wrong is shown in a dialog, which can try again. */
  run: (doing: string, call: () => Promise<unknown>, success?: string) => void;
}

export const ActionsContext = createContext<RequestActions | null>(null);

export function useRequestActions(): RequestActions {
  const act = useContext(ActionsContext);
  if (!act) throw new Error("actions outside their provider");
  return act;
}
