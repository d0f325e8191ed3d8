import { Button, SegmentedControl } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { api } from "../../api/client";
import type { NewsKind, NewsMode } from "../../api/enums";
import type { NewsSettings as Settings } from "../../api/types";
import { useNews } from "../../lib/data";
import { t } from "../../strings/en";
import { CardBody, TitledCard } from "../../ui/TitledCard";
import { useRequestActions } from "../requests/actions";
import css from "./Settings.module.css";

const modes: NewsMode[] = ["off", "now", "daily"];

/** Changes how news of a kind come: shown at once, then stored by the relay. */
function useChoose() {
  const act = useRequestActions();
  const queries = useQueryClient();
  return (kind: NewsKind, mode: NewsMode) => {
    const save = async () => {
      try {
        await api.chooseNews({ kind, mode });
      } finally {
        await queries.invalidateQueries({ queryKey: ["news"] });
      }
    };
    queries.setQueryData<Settings>(
      ["news"],
      (shown) => shown && { ...shown, choices: shown.choices.map((c) => (c.kind === kind ? { kind, mode } : c)) },
    );
    act.run(t.settings.news, save, t.settings.newsSaved);
  };
}

function Choice({ kind, mode }: { kind: NewsKind; mode: NewsMode }) {
  const choose = useChoose();
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
  return (
    <TitledCard title={t.settings.news}>
      <CardBody>
        <p className="t2">{t.settings.newsLead}</p>
        {news.isError && (
          <div className={css.news} role="status">
            <span>{t.settings.newsUnavailable}</span>
            <Button size="xs" onClick={() => news.refetch()}>
              {t.settings.newsRetry}
            </Button>
          </div>
        )}
        {(news.data?.choices ?? []).map((c) => (
          <Choice key={c.kind} kind={c.kind} mode={c.mode} />
        ))}
        {news.data && <p className="t3 small">{t.settings.newsDailyHint}</p>}
      </CardBody>
    </TitledCard>
  );
}
