import { Button, SegmentedControl } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { api } from "../../api/client";
import type { NewsKind, NewsMode } from "../../api/enums";
import type { NewsSettings as Settings } from "../../api/types";
import { useNews } from "../../lib/data";
import { toUiError } from "../../lib/errors";
import { t } from "../../strings/en";
import { SkeletonRows } from "../../ui/SkeletonRows";
import { CardBody, TitledCard } from "../../ui/TitledCard";
import { useRequestActions } from "../requests/actions";
import css from "./Settings.module.css";

const modes: NewsMode[] = ["off", "now", "daily"];

const queryKey = ["news"];

type Choose = (kind: NewsKind, mode: NewsMode) => void;

/** Changes how news of a kind come: shown at once, then stored by the relay. */
function useChoose(): Choose {
  const act = useRequestActions();
  const queries = useQueryClient();
  const running = useRef(0);
  const shown = (kind: NewsKind) =>
    queries.getQueryData<Settings>(queryKey)?.choices.find((c) => c.kind === kind)?.mode;
  const show: Choose = (kind, mode) =>
    queries.setQueryData<Settings>(
      queryKey,
      (all) => all && { ...all, choices: all.choices.map((c) => (c.kind === kind ? { kind, mode } : c)) },
    );
  const save: (...choice: Parameters<Choose>) => Promise<void> = async (kind, mode) => {
    running.current++;
    await queries.cancelQueries({ queryKey }); // an answer from before would hide the choice
    const former = shown(kind);
    show(kind, mode);
    try {
      await api.chooseNews({ kind, mode });
    } catch (cause) {
      if (former && shown(kind) === mode) show(kind, former);
      throw cause;
    } finally {
      running.current--;
      if (running.current === 0) await queries.invalidateQueries({ queryKey });
    }
  };
  return (kind, mode) => act.run(t.settings.news, () => save(kind, mode), t.settings.newsSaved);
}

function Choice({ kind, mode, choose }: { kind: NewsKind; mode: NewsMode; choose: Choose }) {
  return (
    <div className={css.news}>
      <span id={`news-${kind}`}>{t.settings.newsKinds[kind]}</span>
      <SegmentedControl
        size="xs"
        aria-labelledby={`news-${kind}`}
        data={modes.map((value) => ({ value, label: t.settings.newsModes[value] }))}
        value={mode}
        onChange={(value) => choose(kind, value as NewsMode)}
      />
    </div>
  );
}

/** How the member of this computer gets news by email. */
export function NewsSettings() {
  const news = useNews();
  const choose = useChoose();
  return (
    <TitledCard title={t.settings.news}>
      <CardBody>
        <p className="t2">{t.settings.newsLead}</p>
        {news.isPending && <SkeletonRows rows={3} label={t.loading} />}
        {news.isError && (
          <div className={css.news} role="status">
            <span>{toUiError(news.error).message}</span>
            <Button size="xs" onClick={() => news.refetch()}>
              {t.tryAgain}
            </Button>
          </div>
        )}
        {(news.data?.choices ?? []).map((c) => (
          <Choice key={c.kind} kind={c.kind} mode={c.mode} choose={choose} />
        ))}
        {news.data && <p className="t3 small">{t.settings.newsDailyHint}</p>}
      </CardBody>
    </TitledCard>
  );
}
