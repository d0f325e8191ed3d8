import { Component, type ErrorInfo, type ReactNode } from "react";
import { api } from "../api/client";
import { t } from "../strings/en";
import { ErrorCard } from "../ui/ErrorCard";

interface ErrorBoundaryState {
  failed: boolean;
  reference: string; // under which Go's log has it; empty until Go has answered
}

const working: ErrorBoundaryState = { failed: false, reference: "" };

/** Shows a card in the place of a screen that fails, and reports the error to Go's log. The sidebar stays. */
export class ErrorBoundary extends Component<{ children: ReactNode }, ErrorBoundaryState> {
  override state = working;

  static getDerivedStateFromError(): ErrorBoundaryState {
    return { failed: true, reference: "" };
  }

  override componentDidCatch(error: Error, info: ErrorInfo): void {
    const report = {
      message: String(error),
      stack: [error.stack, info.componentStack].filter(Boolean).join("\n"),
      route: location.hash,
    };
    api.reportError(report).then(
      (reference) => this.setState({ reference }),
      () => {}, // the card is there already; without Go there is no log
    );
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return (
      <ErrorCard
        title={t.errorTitle.list}
        message={t.errors.unexpected ?? ""}
        reference={this.state.reference}
        referenceWord={t.reference}
        again={{ word: t.tryAgain, do: () => this.setState(working) }}
      />
    );
  }
}
