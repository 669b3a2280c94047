// Above every page: where one can go, what is new, who one is.
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import * as notifications from "../api/notifications";
import { badge, plural } from "../format/size";
import { useOffline } from "../live/live";
import { Icon } from "../parts/icon";
import { useToast } from "../parts/toasts";
import { Link, useAddress } from "../router";
import { type Person, useSession } from "../session/session";
import type { Rights } from "../session/rights";
import { currentTheme, toggleTheme } from "../session/theme";
import { sentence } from "../api/problem";

/** Links by role, in the order of a working day. */
export function linksOf(rights: Rights): readonly (readonly [string, string])[] {
  const links: [boolean, string, string][] = [
    [true, "/", "Home"],
    [rights.coordinates, "/queue", "Queue"],
    [rights.works, "/work", "My work"],
    [rights.owns, "/owned", "Owned tasks"],
    [rights.administersTasks, "/tasks", "All tasks"],
    [rights.administersTasks, "/unassigned", "Unassigned"],
    [rights.seesAll, "/tickets", "All tickets"],
    [!rights.seesAll, "/tickets", "My tickets"],
    [rights.reports, "/reports", "Reports"],
    [rights.submits, "/submit", "Submit"],
  ];
  return links.filter(([isShown]) => isShown).map(([, to, label]) => [to, label]);
}

export function TopBar({ person }: { person: Person }) {
  const { path } = useAddress();
  const isOffline = useOffline();
  const links = useRef<HTMLElement>(null);
  // On a narrow screen the links are wider than it.
  useEffect(() => {
    links.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [path]);
  return (
    <header className="top">
      <div className="top-row">
        <Link className="brand" to="/">
          <span className="brand-mark" aria-hidden="true">
            w
          </span>
          Wharf Tickets
        </Link>
        <nav className="top-links" aria-label="Main" ref={links}>
          {linksOf(person.rights).map(([to, label]) => (
            <Link key={to} to={to} aria-current={path === to ? "page" : undefined}>
              {label}
            </Link>
          ))}
        </nav>
        <div className="top-person">
          <Bell />
          <ThemeToggle />
          <Link className="person" to="/profile" title="Profile">
            <Icon name="person" />
            <span className="person-name">{person.name}</span>
          </Link>
          <SignOut />
        </div>
      </div>
      <div role="status">
        {isOffline && <p className="offline">Live updates are interrupted. Trying to reconnect…</p>}
      </div>
    </header>
  );
}

function Bell() {
  const { data: count = 0 } = useQuery({ queryKey: ["unread"], queryFn: ({ signal }) => notifications.unread(signal) });
  return (
    <Link className="icon-button bell" to="/inbox" aria-label={`Inbox, ${plural(count, "unread message")}`}>
      <Icon name="bell" />
      {count > 0 && (
        <span className="bell-count" data-testid="unread-count">
          {badge(count)}
        </span>
      )}
    </Link>
  );
}

function ThemeToggle() {
  const [theme, setTheme] = useState(currentTheme);
  const other = theme === "dark" ? "light" : "dark";
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={`Use the ${other} theme`}
      onClick={() => setTheme(toggleTheme())}
    >
      <Icon name={theme === "dark" ? "sun" : "moon"} />
    </button>
  );
}

function SignOut() {
  const { signOut } = useSession();
  const toast = useToast();
  const leave = () => signOut().catch((error) => toast.fail(sentence(error)));
  return (
    <button type="button" className="button quiet" onClick={leave}>
      Sign out
    </button>
  );
}
