import {
  IconActivity,
  IconAppWindow,
  IconBuildingStore,
  IconCamera,
  IconFlag,
  IconSpeakerphone,
  IconTable,
} from "@tabler/icons-react";
import type { Kind } from "../api/enums";

const pictures: Record<Kind, typeof IconFlag> = {
  ad_account: IconSpeakerphone,
  page: IconFlag,
  dataset: IconActivity,
  instagram_account: IconCamera,
  catalogue: IconBuildingStore,
  crm_account: IconAppWindow,
  sheet: IconTable,
};

/** What a kind of account is drawn as. Its name stands beside it. */
export function KindIcon({ of, size = 15 }: { of: Kind; size?: number }) {
  const Picture = pictures[of];
  return <Picture className="kind-icon" size={size} stroke={1.75} aria-hidden="true" />;
}
