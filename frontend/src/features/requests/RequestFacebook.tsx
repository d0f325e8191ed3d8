import { Button, Popover, Select } from "@mantine/core";
import { useEffect, useState } from "react";
import type { AccessLevel } from "../../api/enums";
import type { ConnectionView } from "../../api/types";
import { useServices } from "../../lib/app";
import { isolate } from "../../lib/bidi";
import { useConnections } from "../../lib/data";
import { facebookAsks } from "../../lib/request";
import { type ExtraKind, extraKinds, t } from "../../strings/en";
import { CheckBox } from "../../ui/CheckBox";
import { KindIcon } from "../../ui/KindIcon";
import { PlatformTile } from "../../ui/PlatformTile";
import { ConnectDialog } from "../connections/ConnectDialog";
import { BusinessByHand, FacebookWay } from "./FacebookWay";
import classes from "./RequestForm.module.css";
import { errorOf, type RequestFormApi } from "./requestFields";

type FormProps = { form: RequestFormApi };

/** What is asked for at Facebook, and through whom. */
export function RequestFacebook({ form, fresh }: FormProps & { fresh: boolean }) {
  const { name } = useServices().of("facebook");
  const connections = useConnections();
  const [connecting, setConnecting] = useState(false);
  const users = connections.data?.filter((c) => c.platform === "meta") ?? [];
  const connect = () => setConnecting(true);
  const none = users.length === 0 && !connections.isPending;
  const { by_hand, connection, business } = form.values;
  const isTyped = by_hand && connection === "" && business !== "";
  const [typing, setTyping] = useState(isTyped);
  const typed = isTyped || (by_hand && typing);
  useOnlyChoice(form, users, typed);
  return (
    <section className="panel" aria-label={name}>
      <div className={`row gap8 ${classes.facebook}`}>
        <PlatformTile of="facebook" size={22} />
        <b>{name}</b>
        <span className={`t3 mid ${classes.shrink}`}>{facebookAsks(form.values)}</span>
      </div>
      <FacebookWay form={form} fresh={fresh} />
      {(typed || (none && by_hand)) && <BusinessByHand form={form} />}
      {none && !by_hand && (
        <NoUser error={errorOf(form, "connection") || errorOf(form, "business")} onConnect={connect} />
      )}
      {!none && !typed && <FacebookUser form={form} users={users} onConnect={connect} />}
      {!none && by_hand && <OtherBusiness form={form} typing={typed} onTyping={setTyping} />}
      <FacebookKinds form={form} />
      <FacebookLevel form={form} />
      <FieldError text={errorOf(form, "kinds") || errorOf(form, "level")} />
      {connecting && (
        <ConnectDialog
          platform="meta"
          onClose={() => setConnecting(false)}
          onDone={(c) => form.setValues({ connection: c.id, business: "" })}
        />
      )}
    </section>
  );
}

/** With one user, or one Business Manager that can be chosen, there is nothing to choose. */
function useOnlyChoice(form: RequestFormApi, users: ConnectionView[], typed: boolean) {
  const { connection, business, by_hand } = form.values;
  const chosen = users.find((c) => c.id === connection);
  const able = users.filter((c) => c.here && c.businesses.some((b) => b.admin));
  const best = able.find((c) => !c.replaced) ?? able[0] ?? users[0];
  const user = typed ? undefined : (chosen ?? (connection === "" ? best : undefined));
  const all = user?.businesses ?? [];
  const admin = all.filter((b) => b.admin);
  const only = admin.length === 1 ? (admin[0]?.id ?? "") : "";
  const wanted = (by_hand ? all : admin).some((b) => b.id === business) ? business : only;
  const id = user?.id;
  const { setValues } = form;
  useEffect(() => {
    if (id !== undefined && (id !== connection || wanted !== business)) setValues({ connection: id, business: wanted });
  }, [id, wanted, connection, business, setValues]);
}

function NoUser({ error, onConnect }: { error: string; onConnect: () => void }) {
  return (
    <div className={classes.noUser}>
      <p className="t2 mid">{t.form.noUser}</p>
      <Button size="xs" onClick={onConnect}>
        {t.form.connectUser}
      </Button>
      <FieldError text={error} />
    </div>
  );
}

function FieldError({ text }: { text: string }) {
  if (!text) return null;
  return (
    <p className="hint fail" role="alert">
      {text}
    </p>
  );
}

interface FacebookUserProps extends FormProps {
  users: ConnectionView[];
  onConnect: () => void;
}

/** The entry of the list that connects one more user. */
const another = "connect";

function FacebookUser({ form, users, onConnect }: FacebookUserProps) {
  const { connection, business, by_hand } = form.values;
  const user = users.find((c) => c.id === connection);
  const businesses = user?.businesses ?? [];
  return (
    <>
      <div className="two2">
        <Select
          label={t.form.user}
          placeholder={t.form.chooseUser}
          data={[...users.map((c) => ({ value: c.id, label: c.user })), { value: another, label: t.form.connectUser }]}
          value={connection || null}
          error={errorOf(form, "connection") || undefined}
          allowDeselect={false}
          onChange={(id) => (id === another ? onConnect() : form.setValues({ connection: id ?? "", business: "" }))}
        />
        <Select
          label={t.form.business}
          placeholder={t.form.chooseBusiness}
          disabled={!businesses.some((b) => b.admin || by_hand)}
          data={businesses.map((b) => ({
            value: b.id,
            label: b.admin ? b.name : `${isolate(b.name)} (${t.form.notAdmin})`,
            disabled: !b.admin && !by_hand,
          }))}
          value={business || null}
          error={errorOf(form, "business") || undefined}
          allowDeselect={false}
          onChange={(id) => form.setFieldValue("business", id ?? "")}
        />
      </div>
      {user && (by_hand ? <ByHandHint user={user} business={business} /> : <UserHint user={user} />)}
    </>
  );
}

/** By hand a user need not be Admin. Then nobody can look what arrives. */
function ByHandHint({ user, business }: { user: ConnectionView; business: string }) {
  const isAdmin = user.businesses.some((b) => b.id === business && b.admin);
  if (business === "" || (isAdmin && user.here)) return null;
  return <p className={`hint ${classes.hint} wait`}>{isAdmin ? t.form.notHere : t.form.noAdminByHand(user.user)}</p>;
}

interface OtherBusinessProps extends FormProps {
  typing: boolean;
  onTyping: (on: boolean) => void;
}

/** By hand any Business Manager can be typed. */
function OtherBusiness({ form, typing, onTyping }: OtherBusinessProps) {
  const change = () => {
    form.setValues({ connection: "", business: "", business_name: "" });
    onTyping(!typing);
  };
  return (
    <p className={classes.other}>
      <button type="button" className="link mid" onClick={change}>
        {typing ? t.form.ofUser : t.form.otherBusiness}
      </button>
    </p>
  );
}

/** Which Business Managers a user can share, and why not the others. */
function UserHint({ user }: { user: ConnectionView }) {
  const all = user.businesses.length;
  const admin = user.businesses.filter((b) => b.admin).length;
  const first = user.user.split(" ")[0] ?? user.user;
  return (
    <p className={`hint ${classes.hint}${admin === 0 ? " wait" : ""}`}>
      {admin === 0 ? t.form.nowhereAdmin(user.user) : t.form.adminOf(first, admin, all)}{" "}
      {admin > 0 && admin < all && (
        <Popover width={320} position="bottom-start" withArrow>
          <Popover.Target>
            <button type="button" className="link">
              {t.form.whyGrey}
            </button>
          </Popover.Target>
          <Popover.Dropdown>
            <p className={`t2 mid ${classes.why}`}>{t.form.whyGreyText}</p>
          </Popover.Dropdown>
        </Popover>
      )}
      {!user.here && <span className="wait"> {t.form.notHere}</span>}
    </p>
  );
}

const kinds = Object.keys(extraKinds) as ExtraKind[];
const levels: AccessLevel[] = ["advertise", "view"];

/** What more is asked for at Facebook, off at first. */
function FacebookKinds({ form }: FormProps) {
  const chosen = form.values.kinds;
  const toggle = (kind: ExtraKind) =>
    form.setFieldValue(
      "kinds",
      kinds.filter((k) => (k === kind) !== chosen.includes(k)),
    );
  return (
    <fieldset className="choices">
      <legend className="label">{t.form.alsoAsk}</legend>
      <div className="kind-grid">
        {kinds.map((kind) => {
          const on = chosen.includes(kind);
          return (
            <label key={kind} className={`pick${on ? " on" : ""}`}>
              <input type="checkbox" checked={on} onChange={() => toggle(kind)} />
              <KindIcon of={kind} size={17} />
              <span className="wraps">{extraKinds[kind]}</span>
              <CheckBox on={on} />
            </label>
          );
        })}
      </div>
      {chosen.includes("catalogue") && <p className="hint">{t.form.byHand}</p>}
    </fieldset>
  );
}

/** What the agency may do with all of it. */
function FacebookLevel({ form }: FormProps) {
  return (
    <fieldset className="choices">
      <legend className="label">{t.form.level}</legend>
      <div className="level-grid">
        {levels.map((level) => {
          const on = form.values.level === level;
          return (
            <label key={level} className={`pick${on ? " on" : ""}`}>
              <input type="radio" name="level" checked={on} onChange={() => form.setFieldValue("level", level)} />
              <span className="radio" aria-hidden="true" />
              <span className="wraps">{t.form.levels[level]}</span>
            </label>
          );
        })}
      </div>
    </fieldset>
  );
}
