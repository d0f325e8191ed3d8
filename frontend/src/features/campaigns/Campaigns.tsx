// A campaign, created paused, to prove that the access works.
import { Button } from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconSpeakerphone } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "../../api/client";
import type { Campaign, CampaignForm } from "../../api/types";
import { useTitle } from "../../lib/app";
import { defaultAccountsParams, queries, useAccountCount } from "../../lib/data";
import { links } from "../../lib/links";
import { useSubmit } from "../../lib/useSubmit";
import { t } from "../../strings/en";
import { Empty } from "../../ui/Empty";
import { CampaignBar } from "./CampaignBar";
import { CampaignFields } from "./CampaignFields";
import { CampaignResult } from "./CampaignResult";

const blank: CampaignForm = { ad_account: "", page: "", name: "", objective: "OUTCOME_TRAFFIC" };

export function Campaigns() {
  useTitle(t.campaigns.title);
  const ads = useAccountCount({ ...defaultAccountsParams, kind: "ad_account", advertise: true }).data;
  const pages = useAccountCount({ ...defaultAccountsParams, kind: "page", advertise: true }).data;
  return ads === 0 && pages === 0 ? <NoAccounts /> : <NewCampaign />;
}

function NewCampaign() {
  const [created, setCreated] = useState<Campaign | null>(null);
  const form = useForm({ mode: "controlled", initialValues: blank });
  const { submit, busy, error, reset } = useSubmit({
    call: (values: CampaignForm) => api.createCampaign({ ...values, name: values.name.trim() }),
    form,
    onSuccess: (campaign) => {
      setCreated(campaign);
      void queries.invalidateQueries({ queryKey: ["campaigns"] });
    },
  });
  const { ad_account, page, name, objective } = form.values;
  const ready = ad_account !== "" && page !== "" && name.trim() !== "" && objective !== "";
  const create = () => {
    if (!ready) return;
    setCreated(null);
    submit(form.values);
  };
  const startOver = (values: CampaignForm) => {
    form.setValues(values);
    form.clearErrors();
    setCreated(null);
    reset();
  };
  return (
    <>
      <div className="head ruled">
        <h1>{t.campaigns.title}</h1>
        <span className="sp" />
        <span className="t2 mid">{t.campaigns.nothingSpent}</span>
      </div>
      <div className="campaign2">
        <CampaignFields form={form} onEnter={create} />
        <CampaignResult created={created} error={error} />
      </div>
      <CampaignBar
        ready={ready}
        busy={busy}
        created={created !== null}
        onCreate={create}
        onClear={() => startOver({ ...blank, objective })}
        onAnother={() => startOver({ ...form.values, name: "" })}
      />
    </>
  );
}

function NoAccounts() {
  const navigate = useNavigate();
  return (
    <>
      <div className="head ruled">
        <h1>{t.campaigns.title}</h1>
      </div>
      <Empty
        icon={<IconSpeakerphone size={24} stroke={1.75} />}
        title={t.campaigns.emptyTitle}
        actions={
          <Button variant="filled" onClick={() => navigate(links.newRequest)}>
            {t.request}
          </Button>
        }
      >
        {t.campaigns.emptyText}
      </Empty>
    </>
  );
}
