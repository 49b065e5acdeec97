/** A page that fails does not take the frame along. */
import { Component, type ReactNode } from "react";
import { Fault } from "@/ui";

export class ErrorBoundary extends Component<{ children: ReactNode }, { error: unknown }> {
  state = { error: null as unknown };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  render() {
    if (this.state.error === null) return this.props.children;
    return <Fault error={this.state.error} retry={() => this.setState({ error: null })} />;
  }
}
