import { Button } from "@mantine/core";
import {
  IconAlertTriangle,
  IconBrandFacebook,
  IconDeviceLaptop,
  IconLinkPlus,
  IconMailQuestion,
  IconMailX,
  IconPlugConnectedX,
  type IconProps,
  IconServerCog,
  IconWebhook,
  IconWorldOff,
} from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import type { ComponentType, ReactNode } from "react";
import { api } from "../../api/client";
import type { Todo } from "../../api/types";
import { useApp, useServices } from "../../lib/app";
import { dotted } from "../../lib/bidi";
import { ago, dayOf, timestampText, when } from "../../lib/dates";
import { accountLink, links, offboardingLink, requestLink, sendLink, settingsLink, signInLink } from "../../lib/links";
import { whyRefused } from "../../lib/refusal";
import { repairText } from "../../lib/repair";
import { progressText, todoText } from "../../lib/request";
import { explainReply } from "../../lib/serverReply";
import { t } from "../../strings/en";
import { PlatformTile } from "../../ui/PlatformTile";
import { CauseFix, causeTitle } from "../accounts/Causes";
import { problemText } from "../offboarding/EndedItem";
import { useRequestActions } from "../requests/actions";
import { FixButton } from "../requests/Problem";

type TodoProps = { todo: Todo };

/** One thing that needs the user: a sentence, what is known about it, and the button that helps. */
export function TodoLine({ todo }: TodoProps) {
  switch (todo.kind) {
    case "cause":
      return <CauseTodo todo={todo} />;
    case "item":
    case "waiting":
      return <ItemTodo todo={todo} />;
    case "user":
      return <UserTodo todo={todo} />;
    case "unseen":
    case "email":
      return <EmailTodo todo={todo} />;
    case "asked":
      return <AskedTodo todo={todo} />;
    case "entry":
      return <EntryTodo todo={todo} />;
    case "sealed":
      return <SealedTodo todo={todo} />;
    case "lost":
      return <LostTodo todo={todo} />;
    case "device":
      return <DeviceTodo todo={todo} />;
    case "withdrawn":
      return <WithdrawnTodo todo={todo} />;
    case "webhook":
      return <WebhookTodo todo={todo} />;
    case "domain":
      return <DomainTodo todo={todo} />;
    case "operator":
      return <OperatorTodo todo={todo} />;
    case "ending":
      return <EndingTodo todo={todo} />;
  }
}

interface LineProps {
  picture: ReactNode;
  title: string;
  text: string;
  fix: ReactNode;
  onShow: () => void;
}

function Line({ picture, title, text, fix, onShow }: LineProps) {
  return (
    <li className="line tall">
      {picture}
      <button type="button" className="two plain grow" onClick={onShow} title={`${title}\n${text}`}>
        <b>{title}</b>
        <span className="l2">{text}</span>
      </button>
      {fix}
    </li>
  );
}

function Picture({ tone, Icon }: { tone: "w" | "f" | "p"; Icon: ComponentType<IconProps> }) {
  return (
    <span className={`icontile ${tone}`}>
      <Icon size={17} stroke={1.75} aria-hidden="true" />
    </span>
  );
}

function Fix({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <Button size="xs" onClick={onClick}>
      {label}
    </Button>
  );
}

function ItemTodo({ todo }: TodoProps) {
  const navigate = useNavigate();
  const { now } = useApp();
  const i = todo.item;
  if (!i) return null;
  const broken = todo.kind === "item";
  const title = i.title || t.home[broken ? "broken" : "waits"](todo.client, i.name);
  const since = todo.since ? when(todo.since, now) : "";
  return (
    <Line
      picture={
        <PlatformTile
          of={i.service}
          size={28}
          badge={broken ? "attention" : "waiting"}
          badgeWord={broken ? t.needsAttention : t.waiting}
        />
      }
      title={title}
      text={dotted([
        repairText(i.repair, now),
        !broken && todo.row && todo.row.received > 0 && progressText(todo.row),
        todoText({ ...i, title }, since),
      ])}
      fix={<FixButton i={i} />}
      onShow={() => (todo.request ? navigate(requestLink(todo.request)) : navigate(accountLink(i.name)))}
    />
  );
}

/** A client withdrew an account, and no computer could end the access for a while. */
function WithdrawnTodo({ todo }: TodoProps) {
  const navigate = useNavigate();
  const services = useServices();
  const act = useRequestActions();
  const i = todo.item;
  if (!i) return null;
  const platform = services.of(i.platform).name;
  const signsIn = todo.way === "sign_in";
  return (
    <Line
      picture={<PlatformTile of={i.service} size={28} badge="waiting" badgeWord={t.item.withdrawn} />}
      title={t.home.withdrew(todo.client, i.name)}
      text={signsIn ? t.home.withdrewSignIn(todo.user) : t.home.withdrewLine}
      fix={
        signsIn ? (
          <Fix label={t.problem.fix.users()} onClick={() => navigate(signInLink)} />
        ) : (
          <Fix label={t.ending.without.menu(platform)} onClick={() => act.endWithout(i)} />
        )
      }
      onShow={() => navigate(requestLink(todo.request))}
    />
  );
}

/** What keeps accounts from being checked until somebody fixes it. */
function CauseTodo({ todo }: TodoProps) {
  const navigate = useNavigate();
  const { now } = useApp();
  const c = todo.cause;
  if (!c) return null;
  return (
    <Line
      picture={<PlatformTile of={c.service} size={28} badge="attention" badgeWord={t.needsAttention} />}
      title={causeTitle(c)}
      text={t.home.unchecked(c.user, c.items, c.checked ? when(c.checked, now) : "", c.next)}
      fix={<CauseFix c={c} />}
      onShow={() => (c.connection ? navigate(settingsLink("facebook")) : navigate(links.accounts))}
    />
  );
}

function UserTodo({ todo }: TodoProps) {
  const navigate = useNavigate();
  const { now } = useApp();
  const show = () => navigate(settingsLink("facebook"));
  return (
    <Line
      picture={<Picture tone="w" Icon={IconBrandFacebook} />}
      title={t.home.userEnds(todo.user, todo.ends > now ? dayOf(todo.ends) : "")}
      text={t.home.userEndsLine}
      fix={<Fix label={t.problem.fix.users()} onClick={() => navigate(signInLink)} />}
      onShow={show}
    />
  );
}

/** The relay switched a webhook off. */
function WebhookTodo({ todo }: TodoProps) {
  const navigate = useNavigate();
  const show = () => navigate(settingsLink("webhooks"));
  return (
    <Line
      picture={<Picture tone="f" Icon={IconWebhook} />}
      title={t.home.webhookOff(todo.webhook ?? "")}
      text={t.home.webhookOffLine}
      fix={<Fix label={t.home.show} onClick={show} />}
      onShow={show}
    />
  );
}

/** Links open at the agency's own domain no more. */
function DomainTodo({ todo }: TodoProps) {
  const navigate = useNavigate();
  const show = () => navigate(settingsLink("domain"));
  return (
    <Line
      picture={<Picture tone="f" Icon={IconWorldOff} />}
      title={t.home.domainLost(todo.domain ?? "")}
      text={t.home.domainLostLine}
      fix={<Fix label={t.home.show} onClick={show} />}
      onShow={show}
    />
  );
}

/** Whoever runs the relay did something to the agency. */
function OperatorTodo({ todo }: TodoProps) {
  const navigate = useNavigate();
  const { now } = useApp();
  const act = todo.operator;
  if (!act) return null;
  const show = () => navigate(settingsLink(act.kind === "renamed" ? "relay" : "team"));
  return (
    <Line
      picture={<Picture tone="p" Icon={IconServerCog} />}
      title={t.home.operator[act.kind](act.name, todo.times ?? 1)}
      text={t.home.operatorLine(timestampText(act.at, now))}
      fix={<Fix label={t.home.show} onClick={show} />}
      onShow={show}
    />
  );
}

/** The end of a client that goes on, or waits for something. */
function EndingTodo({ todo }: TodoProps) {
  const navigate = useNavigate();
  const ends = todo.ending;
  if (!ends) return null;
  const show = () => navigate(offboardingLink(ends.id));
  const failed = ends.problem.code !== "";
  const done = t.offboarding.goesOn(ends.done, ends.total);
  return (
    <Line
      picture={<Picture tone={failed ? "f" : "p"} Icon={IconPlugConnectedX} />}
      title={t.offboarding.homeTitle(todo.client)}
      text={failed ? `${done}. ${problemText(ends.problem)}` : done}
      fix={<Fix label={t.offboarding.show} onClick={show} />}
      onShow={show}
    />
  );
}

function refusal({ client, recipient }: Todo): string {
  const reply = recipient?.server_reply ?? "";
  const meaning = explainReply(reply);
  return meaning ? t.home.serverMeans(client, meaning) : t.home.serverSays(client, reply);
}

/** An email that was refused, or that nobody has opened. */
function EmailTodo({ todo }: TodoProps) {
  const navigate = useNavigate();
  const { now } = useApp();
  const address = todo.recipient?.address ?? "";
  const refused = todo.kind === "email";
  const unseen = t.home.unseenLine(todo.client, todo.since ? when(todo.since, now) : "");
  return (
    <Line
      picture={<Picture tone={refused ? "f" : "w"} Icon={refused ? IconMailX : IconMailQuestion} />}
      title={refused ? t.home.emailRefused(address) : t.home.unseen(address)}
      text={refused ? refusal(todo) : unseen}
      fix={
        <Fix
          label={refused ? t.home.correctAddress : t.home.anotherAddress}
          onClick={() => navigate(sendLink(todo.request, refused ? { correct: [address] } : {}))}
        />
      }
      onShow={() => navigate(requestLink(todo.request))}
    />
  );
}

/** A client asks for a new link: one click makes and sends it. */
function AskedTodo({ todo }: TodoProps) {
  const navigate = useNavigate();
  const { now } = useApp();
  const act = useRequestActions();
  const r = todo.row;
  if (!r) return null;
  const show = () => navigate(requestLink(r.id));
  const { label, run } = r.can.renew
    ? r.can.send_link
      ? { label: t.home.renewSend, run: () => act.renew(r, true) }
      : { label: t.home.renew, run: () => act.renew(r, false) }
    : r.can.resend
      ? { label: t.home.resend, run: () => act.resend(r) }
      : { label: t.actions.copyLink, run: () => act.copyLink(r) };
  return (
    <Line
      picture={<Picture tone="w" Icon={IconLinkPlus} />}
      title={t.home.linkAsked(todo.client)}
      text={t.home.linkAskedLine(when(todo.since, now), r.can.send_link)}
      fix={<Fix label={label} onClick={run} />}
      onShow={show}
    />
  );
}

function EntryTodo({ todo }: TodoProps) {
  const navigate = useNavigate();
  const show = () => (todo.request ? navigate(requestLink(todo.request)) : navigate(settingsLink("computer")));
  return (
    <Line
      picture={<Picture tone="f" Icon={IconAlertTriangle} />}
      title={t.home.entryRefused(todo.client)}
      text={todo.entry ? whyRefused(todo.entry) : ""}
      fix={<Fix label={t.home.show} onClick={show} />}
      onShow={show}
    />
  );
}

/** A credential that is not what the relay described: it was not stored. */
function SealedTodo({ todo }: TodoProps) {
  const navigate = useNavigate();
  const { session } = useApp();
  const sealed = todo.sealed;
  if (!sealed) return null;
  const show = () => navigate(todo.request ? requestLink(todo.request) : links.accounts);
  return (
    <Line
      picture={<Picture tone="f" Icon={IconAlertTriangle} />}
      title={t.home.sealed(sealed.name, todo.client)}
      text={t.home.sealedLine(session.relay)}
      fix={<Fix label={t.home.show} onClick={show} />}
      onShow={show}
    />
  );
}

function LostTodo({ todo }: TodoProps) {
  const navigate = useNavigate();
  const act = useRequestActions();
  const lost = todo.lost;
  if (!lost) return null;
  const dismiss = () => act.run(t.home.notNeededHint(lost.name), () => api.dismissLost({ id: lost.id }));
  return (
    <Line
      picture={<Picture tone="f" Icon={IconAlertTriangle} />}
      title={t.home.lost(lost.name)}
      text={t.home.lostLine}
      fix={<Fix label={t.home.notNeeded} onClick={dismiss} />}
      onShow={() => (lost.user ? navigate(settingsLink("facebook")) : navigate(links.accounts))}
    />
  );
}

function DeviceTodo({ todo }: TodoProps) {
  const navigate = useNavigate();
  const { now } = useApp();
  const compare = () => navigate(settingsLink("team"));
  return (
    <Line
      picture={<Picture tone="p" Icon={IconDeviceLaptop} />}
      title={t.home.deviceWaits(todo.device?.name ?? "", todo.device?.wants ?? 0)}
      text={t.home.asked(ago(todo.since, now))}
      fix={<Fix label={t.home.compare} onClick={compare} />}
      onShow={compare}
    />
  );
}
