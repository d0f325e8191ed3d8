import {
  IconBrandFacebook,
  IconChevronRight,
  IconCircleCheck,
  IconPalette,
  type IconProps,
  IconSend,
  IconUsers,
} from "@tabler/icons-react";
import { Link, type LinkProps } from "@tanstack/react-router";
import type { ComponentType } from "react";
import { useApp } from "../../lib/app";
import { useAgency, useConnections, useMembers, useOpenCodes, useRelay } from "../../lib/data";
import { links, requestTo, settingsLink } from "../../lib/links";
import { isOffered } from "../../lib/services";
import { t } from "../../strings/en";
import { usePreference } from "../settings/usePreference";
import classes from "./Home.module.css";

const icon = { size: 17, stroke: 1.75, "aria-hidden": true } as const;

interface FirstStepsProps {
  /** How many requests this member sees. */
  requests: number;
}

/** On the first days: what there is to do, in the order that it helps. It goes when all is done, or when told to. */
export function FirstSteps({ requests }: FirstStepsProps) {
  const { preferences } = useApp();
  const setPreference = usePreference();
  const steps = useSteps(requests);
  const done = steps?.filter((step) => step.done).length;
  if (preferences.hide_first_steps || !steps || done === steps.length) return null;
  return (
    <section className="card" aria-labelledby="begin">
      <h2 id="begin">
        {t.home.begin}
        <span className="count2">{t.home.beginCount(done ?? 0, steps.length)}</span>
        <button type="button" className="link" onClick={() => setPreference({ hide_first_steps: true })}>
          {t.home.beginHide}
        </button>
      </h2>
      <ol>
        {steps.map((step) => (
          <StepLine key={step.title} step={step} />
        ))}
      </ol>
    </section>
  );
}

interface Step {
  title: string;
  text: string;
  Icon: ComponentType<IconProps>;
  done: boolean;
  link: LinkProps;
}

function StepLine({ step }: { step: Step }) {
  return (
    <li>
      <Link className="line tall" {...step.link}>
        <span className={`icontile ${step.done ? "o" : "p"}`}>
          {step.done ? <IconCircleCheck {...icon} /> : <step.Icon {...icon} />}
        </span>
        <span className="two grow">
          <b>
            {step.title}
            {step.done && <span className="sr">, {t.home.beginDone}</span>}
          </b>
          <span className="l2">{step.text}</span>
        </span>
        <IconChevronRight size={16} stroke={1.75} aria-hidden="true" className={classes.faint} />
      </Link>
    </li>
  );
}

/** The steps that this member can take; null: how far they are is not known yet. */
function useSteps(requests: number): Step[] | null {
  const { email, role } = useApp().session;
  const connections = useConnections().data;
  const agency = useAgency().data;
  const relay = useRelay().data;
  const invited = useInvited(role === "main");
  if (!connections || !agency || !relay || invited === undefined) return null;
  const connect: Step = {
    title: t.home.beginFacebook,
    text: t.home.beginFacebookText,
    Icon: IconBrandFacebook,
    done: connections.some((c) => c.platform === "meta"),
    link: settingsLink("facebook"),
  };
  const brand: Step = {
    title: t.home.beginBrand,
    text: t.home.beginBrandText,
    Icon: IconPalette,
    done: agency.brand_on,
    link: links.brand,
  };
  const request: Step = {
    title: t.home.beginRequest,
    text: t.home.beginRequestText,
    Icon: IconSend,
    done: requests > 0,
    link: requests > 0 ? links.requests : requestTo(email),
  };
  const invite: Step = {
    title: t.home.beginInvite,
    text: t.home.beginInviteText,
    Icon: IconUsers,
    done: invited,
    link: settingsLink("team"),
  };
  const facebook = isOffered(relay, "meta") ? [connect] : [];
  return role === "main" ? [...facebook, brand, request, invite] : [...facebook, request];
}

/** Whether there is a second member, or a code for one; undefined: not known yet. Main users invite. */
function useInvited(main: boolean): boolean | undefined {
  const { member_id } = useApp().session;
  const members = useMembers();
  const codes = useOpenCodes(main);
  if (!main) return false;
  if (members.data && members.data.length > 1) return true;
  // The relay knows the codes. Without it there may be one.
  return (
    members.data &&
    (codes.data ? codes.data.some((code) => code.member !== member_id) : codes.isError ? false : undefined)
  );
}
