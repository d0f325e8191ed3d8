import { ActionIcon } from "@mantine/core";
import { IconCopy } from "@tabler/icons-react";
import type { KeychainReason } from "../../api/enums";
import { useApp } from "../../lib/app";
import { copyText } from "../../lib/clipboard";
import { t } from "../../strings/en";
import css from "./Keychain.module.css";

/** What to do. Where the reason is not known, each of them is named. */
export function KeychainWays({ reason }: { reason: KeychainReason }) {
  const { session } = useApp();
  const known = reason !== "";
  return (
    <>
      {!known && (
        <ol className={css.ways}>
          <li>
            <b>{t.keychain.locked}</b>
            <p>{t.keychain.lockedText}</p>
          </li>
          <li>
            <b>{t.keychain.denied}</b>
            <p>{t.keychain.deniedText}</p>
          </li>
        </ol>
      )}
      {(reason === "absent" || !known) && session.platform === "linux" && (
        <ol className={css.ways}>
          <li>
            <b>{known ? t.keychain.get : t.keychain.none}</b>
            <p>{t.keychain.noneText}</p>
            <div className={css.command}>
              {t.keychain.command}
              <span className="sp" />
              <ActionIcon size={30} aria-label={t.copy} onClick={() => void copyText(t.keychain.command)}>
                <IconCopy size={16} stroke={1.75} aria-hidden="true" />
              </ActionIcon>
            </div>
          </li>
        </ol>
      )}
    </>
  );
}
