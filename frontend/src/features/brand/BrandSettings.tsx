// Collaboration Settings: the form, and beside it what clients will see, in
// both themes, before it is applied.

import { useTitle } from "../../lib/app";
import { useAgency } from "../../lib/data";
import { t } from "../../strings/en";
import { CollaborationHead } from "../requests/Collaboration";
import { OfflineBand } from "../requests/OfflineBand";
import { BrandForm } from "./BrandForm";

export function BrandSettings() {
  useTitle(t.tabs.settings);
  const agency = useAgency();
  return (
    <>
      <CollaborationHead primary={false} />
      <OfflineBand />
      {agency.data && <BrandForm agency={agency.data} />}
    </>
  );
}
