import { api } from "../../api/client";
import { t } from "../../strings/en";
import css from "./Help.module.css";

export function OperatorContact({ contact }: { contact: string }) {
  const browse = () => void api.browse({ address: contact }).catch(() => {});
  return (
    <p className={css.contact}>
      {t.help.contact}:{" "}
      {contact.startsWith("https://") ? (
        <button type="button" className="link" onClick={browse}>
          {contact}
        </button>
      ) : (
        <b>{contact}</b>
      )}
    </p>
  );
}
