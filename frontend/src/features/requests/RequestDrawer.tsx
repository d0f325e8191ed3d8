import { Drawer } from "@mantine/core";
import { isolate } from "../../lib/bidi";
import { useRequest } from "../../lib/data";
import { toUiError } from "../../lib/errors";
import { t } from "../../strings/en";
import { CloseButton } from "../../ui/CloseButton";
import { ErrorCard } from "../../ui/ErrorCard";
import { useFocusBack, useFocusKept } from "../../ui/useFocusBack";
import { useLayer } from "../../ui/useLayer";
import { RequestDetailsView } from "./RequestDetails";

const slide = { duration: 220, timingFunction: "cubic-bezier(.2,.8,.2,1)" };

/** All about one request, beside the list. */
export function RequestDrawer({ id, onClose }: { id: string; onClose: () => void }) {
  const details = useRequest(id);
  const d = details.data;
  useLayer(id !== "", onClose);
  useFocusBack(id !== "");
  useFocusKept(d);
  return (
    <Drawer.Root
      opened={id !== ""}
      onClose={onClose}
      closeOnEscape={false}
      position="right"
      size="min(560px, 90vw)"
      lockScroll={false}
      transitionProps={slide}
    >
      <Drawer.Overlay />
      <Drawer.Content aria-label={d ? `${t.details.title}: ${isolate(d.client)}` : t.details.title}>
        <Drawer.Body>
          {d && <RequestDetailsView d={d} onClose={onClose} />}
          {details.isError && (
            <NoDetails cause={details.error} onRetry={() => void details.refetch()} onClose={onClose} />
          )}
        </Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}

interface NoDetailsProps {
  cause: unknown;
  onRetry: () => void;
  onClose: () => void;
}

function NoDetails({ cause, onRetry, onClose }: NoDetailsProps) {
  const error = toUiError(cause);
  const gone = error.code === "not_found";
  return (
    <div className="drawer-in">
      <div className="dhead row">
        <span className="sp" />
        <CloseButton onClose={onClose} />
      </div>
      <ErrorCard
        title={gone ? t.errorTitle.gone : t.errorTitle.details}
        message={gone ? t.errorTitle.goneText : error.message}
        reference={gone ? "" : error.reference}
        referenceWord={t.reference}
        again={gone ? { word: t.close, do: onClose } : { word: t.tryAgain, do: onRetry }}
      />
    </div>
  );
}
