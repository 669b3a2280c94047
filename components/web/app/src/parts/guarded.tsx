// Catches what a page throws while it is drawn, so that a mistake of ours is a sentence and not a white page.
import { Component, type ReactNode } from "react";

interface State {
  readonly hasFailed: boolean;
}

export class Guarded extends Component<{ children: ReactNode }, State> {
  override state: State = { hasFailed: false };

  static getDerivedStateFromError(): State {
    return { hasFailed: true };
  }

  override render() {
    if (!this.state.hasFailed) return this.props.children;
    return (
      <main className="page error-page" role="alert">
        <h1>Something went wrong on this page</h1>
        <p>Nothing that was sent is lost.</p>
        <p>
          <button type="button" className="button primary" onClick={() => location.reload()}>
            Load it again
          </button>
        </p>
      </main>
    );
  }
}
