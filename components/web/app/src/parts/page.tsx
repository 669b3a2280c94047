// The head of a page: its heading, the document's title, what can be done at once.
import { type ReactNode, useEffect } from "react";

interface Props {
  readonly title: string;
  readonly intro?: ReactNode;
  readonly actions?: ReactNode;
}

export function useTitle(title: string) {
  useEffect(() => {
    document.title = `${title} · Wharf Tickets`;
  }, [title]);
}

export function PageHead({ title, intro, actions }: Props) {
  useTitle(title);
  return (
    <header className="page-head">
      <div>
        <h1 tabIndex={-1}>{title}</h1>
        {intro && <p className="muted">{intro}</p>}
      </div>
      {actions && <div className="page-actions">{actions}</div>}
    </header>
  );
}
