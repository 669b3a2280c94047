// From the address and the session to the page.
import { lazy, type ReactNode, Suspense, useEffect, useRef } from "react";
import { LiveProvider } from "./live/live";
import { Home } from "./pages/home";
import { Inbox } from "./pages/inbox";
import { Owned } from "./pages/owned";
import { ProfilePage as Profile } from "./pages/profile";
import { Queue } from "./pages/queue";
import { Submit } from "./pages/submit";
import { Tasks } from "./pages/tasks";
import { UnassignedPage as Unassigned } from "./pages/unassigned";
import { Work } from "./pages/work";
import { Login } from "./pages/login";
import { TicketPage } from "./pages/ticket/ticket";
import { Tickets } from "./pages/tickets";
import { TopBar } from "./pages/top_bar";
import { Failure, NotAllowed, NotFound, Skeleton } from "./parts/states";
import { Guarded } from "./parts/guarded";
import { navigate, useAddress } from "./router";
import { find, type PageName, safeReturn } from "./routes";
import { Unreachable } from "./api/problem";
import { type Person, useSession } from "./session/session";

// What only few people open comes when they do.
const Reports = lazy(() => import("./pages/reports").then((it) => ({ default: it.Reports })));

function draw(page: PageName, params: Readonly<Record<string, string>>): ReactNode {
  const number = params["number"] ?? "";
  switch (page) {
    case "home":
      return <Home />;
    case "inbox":
      return <Inbox />;
    case "login":
      return null;
    case "owned":
      return <Owned />;
    case "profile":
      return <Profile />;
    case "queue":
      return <Queue />;
    case "reports":
      return <Reports />;
    case "submit":
      return <Submit />;
    case "tasks":
      return <Tasks />;
    case "ticket":
      return <TicketPage key={number} number={number} />;
    case "tickets":
      return <Tickets />;
    case "unassigned":
      return <Unassigned />;
    case "work":
      return <Work />;
  }
}

export function App() {
  const { state, load } = useSession();
  const { path, query } = useAddress();
  const found = find(path);
  const isLogin = found?.route.page === "login";

  const next = safeReturn(query.get("next"));
  const here = path + location.search;
  useEffect(() => {
    if (state.is === "in" && isLogin) navigate(next, { replace: true });
    if (state.is === "out" && !isLogin) {
      const isPlain = state.byChoice || here === "/";
      navigate(isPlain ? "/login" : `/login?next=${encodeURIComponent(here)}`, { replace: true });
    }
  }, [state, isLogin, next, here]);

  if (state.is === "loading")
    return (
      <main className="page">
        <Skeleton />
      </main>
    );
  if (state.is === "unreachable") {
    return (
      <main className="page">
        <Failure error={new Unreachable()} onRetry={load} />
      </main>
    );
  }
  if (state.is === "out") return isLogin ? <Login /> : null;
  return (
    <LiveProvider>
      <Inside person={state.person} />
    </LiveProvider>
  );
}

/** What a person who is signed in sees. */
function Inside({ person }: { person: Person }) {
  const { path } = useAddress();
  const main = useRef<HTMLElement>(null);
  const found = find(path);
  const isFirst = useRef(true);

  // Where a document would have been loaded, the reader is told by the focus on the new heading.
  useEffect(() => {
    if (isFirst.current) {
      isFirst.current = false;
      return;
    }
    const heading = main.current?.querySelector("h1") ?? main.current;
    heading?.focus({ preventScroll: true });
  }, [path]);

  let page: ReactNode = <NotFound />;
  if (found) {
    const isAllowed = found.route.allowed?.(person.rights) ?? true;
    page = isAllowed ? draw(found.route.page, found.params) : <NotAllowed />;
  }
  return (
    <>
      <a
        className="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to the content
      </a>
      <TopBar person={person} />
      <main id="main" className="page" ref={main} tabIndex={-1}>
        <Guarded key={path}>
          <Suspense fallback={<Skeleton />}>{page}</Suspense>
        </Guarded>
      </main>
    </>
  );
}
