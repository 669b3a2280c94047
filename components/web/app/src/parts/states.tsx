// What stands where something is not there: not yet, not any more, not for you, not reachable.
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Problem, sentence, Unreachable } from "../api/problem";
import { Link } from "../router";
import { Icon } from "./icon";

export function Skeleton({ lines = 5 }: { lines?: number }) {
  return (
    <div className="skeleton" role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} />
      ))}
    </div>
  );
}

export function Empty({ children }: { children: ReactNode }) {
  return <p className="empty">{children}</p>;
}

/** A request that failed, in the place of what it would have brought. */
export function Failure({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const reference = error instanceof Problem && error.status >= 500 ? error.instance : null;
  return (
    <div className="notice error" role="alert">
      <Icon name="warning" />
      <div>
        <p>{sentence(error)}</p>
        {reference && <p className="muted">Reference: {reference}</p>}
        <button type="button" className="button" onClick={onRetry}>
          Try again
        </button>
      </div>
    </div>
  );
}

interface LoadedProps<T> {
  readonly query: UseQueryResult<T>;
  readonly lines?: number;
  /** It is what the page is about: without it there is no page. */
  readonly isPage?: boolean;
  readonly children: (data: T) => ReactNode;
}

/** What a query brought; until then its outline; instead of it what went wrong. Old data stays while new is on its way. */
export function Loaded<T>({ query, lines, isPage = false, children }: LoadedProps<T>) {
  if (query.data !== undefined) {
    const isStale = query.isError && query.error instanceof Unreachable;
    return (
      <>
        {isStale && (
          <p className="notice warning" role="status">
            The server cannot be reached. This may be out of date.
          </p>
        )}
        {children(query.data)}
      </>
    );
  }
  if (query.isError) {
    const { error } = query;
    if (isPage && error instanceof Problem && error.status === 404) return <NotFound />;
    if (isPage && error instanceof Problem && error.status === 403) return <NotAllowed />;
    return <Failure error={error} onRetry={() => void query.refetch()} />;
  }
  return <Skeleton {...(lines !== undefined && { lines })} />;
}

export function NotFound() {
  return <ErrorPage title="Not found">There is nothing at this address, or it is not for you to see.</ErrorPage>;
}

export function NotAllowed() {
  return <ErrorPage title="Not allowed">Your roles do not include this page.</ErrorPage>;
}

export function ErrorPage({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="error-page">
      <h1 tabIndex={-1}>{title}</h1>
      <p>{children}</p>
      <p>
        <Link className="button" to="/">
          To the start page
        </Link>
      </p>
    </section>
  );
}
