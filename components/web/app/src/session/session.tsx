// Who is signed in, for the pages: asked once at the start, kept fresh by a timer, ended everywhere at once.
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from "react";
import { useQueryClient } from "@tanstack/react-query";
import * as auth from "../api/auth";
import type { Profile, SignedIn } from "../api/auth";
import { onSessionOver } from "../api/http";
import { Problem } from "../api/problem";
import { forgetDrafts } from "../parts/draft";
import { rightsOf, type Rights } from "./rights";
import { onOtherTab, renewal } from "./tabs";

export interface Person extends Profile {
  readonly name: string;
  readonly rights: Rights;
}

export type State =
  | { readonly is: "loading" }
  | { readonly is: "unreachable" }
  | { readonly is: "out"; readonly byChoice?: boolean }
  | { readonly is: "in"; readonly person: Person };

interface Session {
  readonly state: State;
  readonly signedIn: (answer: SignedIn) => void;
  readonly signOut: () => Promise<void>;
  readonly load: () => void;
}

const Context = createContext<Session | null>(null);

/** After an attempt that did not reach the server. */
const AGAIN_MS = 8000;

function person(profile: Profile): Person {
  return { ...profile, name: `${profile.first_name} ${profile.last_name}`.trim(), rights: rightsOf(profile) };
}

export function SessionProvider({ children }: { children: ReactNode }) {
  const [state, setState] = useState<State>({ is: "loading" });
  const queries = useQueryClient();

  const leave = useCallback(
    (byChoice: boolean) => {
      renewal.end();
      queries.clear();
      setState({ is: "out", byChoice });
    },
    [queries],
  );
  const over = useCallback(() => leave(false), [leave]);

  const load = useCallback(() => {
    setState({ is: "loading" });
    auth.me().then(
      (profile) => {
        if (!renewal.note()) renewal.begin(profile.id, 0);
        setState({ is: "in", person: person(profile) });
      },
      (error) => (error instanceof Problem && error.status === 401 ? over() : setState({ is: "unreachable" })),
    );
  }, [over]);

  useEffect(() => {
    onSessionOver(over);
    // On the way to sign in, and nobody has: there is nothing to ask.
    if (!renewal.note() && location.pathname === "/login") setState({ is: "out" });
    else load();
  }, [load, over]);

  const user = state.is === "in" ? state.person.id : null;
  useOtherTabs(user, over, load);
  useKeptFresh(user, over);

  const session = useMemo<Session>(
    () => ({
      state,
      load,
      signedIn: (answer) => {
        queries.clear();
        renewal.begin(answer.user.id, answer.expires_in);
        setState({ is: "in", person: person(answer.user) });
      },
      signOut: async () => {
        await auth.signOut();
        forgetDrafts();
        leave(true);
      },
    }),
    [state, load, leave, queries],
  );
  return <Context value={session}>{children}</Context>;
}

/** Another tab signed out, or signed in as somebody else. */
function useOtherTabs(user: string | null, over: () => void, load: () => void) {
  useEffect(
    () =>
      onOtherTab((note) => {
        if (user && !note) over();
        else if (!user && note) load();
        else if (user && note && note.user !== user) location.reload();
      }),
    [user, over, load],
  );
}

/** Renews in time; also after the machine has slept, when timers are late. */
function useKeptFresh(user: string | null, over: () => void) {
  useEffect(() => {
    if (!user) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const plan = (ms: number | null) => {
      clearTimeout(timer);
      if (ms !== null) timer = setTimeout(renew, ms);
    };
    const renew = async () => {
      // Another tab may have been faster; then there is only a later hour to wait for.
      const due = renewal.dueIn();
      if (due === null || due > 0) return plan(due);
      const outcome = await renewal.renew((renewal.note()?.renewedAt ?? 0) + 1);
      if (outcome === "over") over();
      else plan(outcome === "renewed" ? renewal.dueIn() : AGAIN_MS);
    };
    const awake = () => document.visibilityState === "visible" && plan(renewal.dueIn());
    plan(renewal.dueIn());
    document.addEventListener("visibilitychange", awake);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", awake);
    };
  }, [user, over]);
}

export function useSession(): Session {
  const session = useContext(Context);
  if (!session) throw new Error("outside of the session");
  return session;
}

/** The person who is signed in; for what is only drawn then. */
export function usePerson(): Person {
  const { state } = useSession();
  if (state.is !== "in") throw new Error("nobody is signed in");
  return state.person;
}
