import { Component, type ReactNode } from "react";
import { Failure } from "./states";

interface State {
  error: Error | undefined;
}

/** Catches what a page throws, so that the navigation survives it. */
export class ErrorBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { error: undefined };

  static getDerivedStateFromError(error: Error): State {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    return <Failure what="this page" error={error} retry={() => this.setState({ error: undefined })} />;
  }
}
