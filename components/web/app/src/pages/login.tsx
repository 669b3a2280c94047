// Signing in: address and password, and a one-time code for those who chose one.
import { useEffect, useState } from "react";
import * as auth from "../api/auth";
import type { CodeNeeded } from "../api/auth";
import { Form, TextField } from "../parts/form";
import { useTitle } from "../parts/page";
import { useAddress } from "../router";
import { useSession } from "../session/session";

export function Login() {
  const [code, setCode] = useState<CodeNeeded | null>(null);
  const { query } = useAddress();
  useTitle("Sign in");
  return (
    <main className="login">
      <div className="login-card">
        <p className="brand">
          <span className="brand-mark" aria-hidden="true">
            w
          </span>
          Wharf Tickets
        </p>
        {query.has("next") && !code && (
          <p className="notice" role="status">
            Please sign in to go on.
          </p>
        )}
        {code ? <CodeStep needed={code} onBack={() => setCode(null)} /> : <PasswordStep onCode={setCode} />}
      </div>
    </main>
  );
}

function PasswordStep({ onCode }: { onCode: (needed: CodeNeeded) => void }) {
  const { signedIn } = useSession();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const check = () => {
    const missing = [
      ["email", email.trim()],
      ["password", password],
    ].filter(([, value]) => !value);
    return new Map(missing.map(([name]) => [name ?? "", "Please fill this in."]));
  };
  const send = async () => {
    const answer = await auth.signIn(email.trim(), password);
    if (answer.success) signedIn(answer);
    else onCode(answer);
  };
  return (
    <>
      <h1>Sign in</h1>
      <Form fields={["email", "password"]} check={check} onSend={send} submit="Sign in">
        <TextField
          label="E-mail"
          name="email"
          type="email"
          autoComplete="username"
          isRequired
          autoFocus
          value={email}
          onChange={setEmail}
        />
        <TextField
          label="Password"
          name="password"
          type="password"
          autoComplete="current-password"
          isRequired
          value={password}
          onChange={setPassword}
        />
      </Form>
    </>
  );
}

/** How long a new code can not be asked for. */
const RESEND_PAUSE_S = 30;

function CodeStep({ needed, onBack }: { needed: CodeNeeded; onBack: () => void }) {
  const { signedIn } = useSession();
  const [code, setCode] = useState("");
  const [pause, setPause] = useState(RESEND_PAUSE_S);
  const [told, setTold] = useState("");
  useEffect(() => {
    if (pause === 0) return;
    const timer = setTimeout(() => setPause(pause - 1), 1000);
    return () => clearTimeout(timer);
  }, [pause]);

  const check = () => new Map(/^\d{6}$/.test(code.trim()) ? [] : [["otp_code", "The code has six digits."]]);
  const send = async () => signedIn(await auth.signInWithCode(needed.challenge, code.trim()));
  const again = () =>
    auth.sendCodeAgain(needed.challenge).then(
      () => {
        setTold("A new code is on its way.");
        setPause(RESEND_PAUSE_S);
      },
      (error: Error) => setTold(error.message),
    );
  return (
    <>
      <h1>One more step</h1>
      <p className="muted">
        We have sent a code to your e-mail address. It is good for {Math.round(needed.expires_in / 60)} minutes.
      </p>
      <Form fields={["otp_code"]} check={check} onSend={send} submit="Confirm">
        <TextField
          label="One-time code"
          name="otp_code"
          inputMode="numeric"
          autoComplete="one-time-code"
          isRequired
          autoFocus
          maxLength={6}
          value={code}
          onChange={setCode}
        />
      </Form>
      <p role="status" className="muted">
        {told}
      </p>
      <p className="login-links">
        <button type="button" className="button quiet" disabled={pause > 0} onClick={again}>
          Send a new code{pause > 0 && ` (${pause} s)`}
        </button>
        <button type="button" className="button quiet" onClick={onBack}>
          Back
        </button>
      </p>
    </>
  );
}
