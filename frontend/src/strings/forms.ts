import { t } from "./en";

/** The words of a dialog with a form. */
export const formWords = {
  close: t.close,
  cancel: t.cancel,
  dropTyped: t.dropTyped,
  keepTyping: t.keepTyping,
  drop: t.drop,
};
