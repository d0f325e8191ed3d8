import type { ReactNode } from "react";
import { ActionsProvider } from "../features/requests/actions";
import type { AppState } from "../lib/shell";
import { renderApp } from "./render";

/** Renders a part of a screen with the questions and errors that its actions bring up. */
export const renderScreen = (ui: ReactNode, state: Partial<AppState> = {}) =>
  renderApp(<ActionsProvider>{ui}</ActionsProvider>, state);
