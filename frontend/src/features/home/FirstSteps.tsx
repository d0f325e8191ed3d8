import { IconBrandFacebook, IconChevronRight, IconCircleCheck, IconPalette, IconSend } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useApp } from "../../lib/app";
import { useAgency, useConnections, useRelay } from "../../lib/data";
import { links, settingsLink } from "../../lib/links";
import { isOffered } from "../../lib/services";
import { t } from "../../strings/en";
import classes from "./Home.module.css";

const icon = { size: 17, stroke: 1.75, "aria-hidden": true } as const;

/** On the first day: what there is to do, in the order that it helps. */
export function FirstSteps() {
  return (
    <section className="card" aria-labelledby="begin">
      <h2 id="begin">{t.home.begin}</h2>
      <ol>
        {useSteps().map((step) => (
          <li key={step.title}>
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
        ))}
      </ol>
    </section>
  );
}

function useSteps() {
  const { role } = useApp().session;
  const connections = useConnections().data;
  const agency = useAgency().data;
  const facebook = isOffered(useRelay().data, "meta");
  const connect = {
    title: t.home.beginFacebook,
    text: t.home.beginFacebookText,
    Icon: IconBrandFacebook,
    done: connections?.some((c) => c.platform === "meta") === true,
    link: settingsLink("facebook"),
  };
  const brand = {
    title: t.home.beginBrand,
    text: t.home.beginBrandText,
    Icon: IconPalette,
    done: agency?.brand_on === true,
    link: links.brand,
  };
  const request = {
    title: t.home.beginRequest,
    text: t.home.beginRequestText,
    Icon: IconSend,
    done: false,
    link: links.newRequest,
  };
  return [...(facebook ? [connect] : []), ...(role === "main" ? [brand] : []), request];
}
