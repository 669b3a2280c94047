// Who one is here, as the administrators have it.
import { PageHead } from "../parts/page";
import { usePerson } from "../session/session";

const SYSTEMS: Record<string, string> = { tts: "Ticket tracking", hdts: "Help desk" };

export function ProfilePage() {
  const person = usePerson();
  const facts: [string, string | null][] = [
    ["E-mail", person.email],
    ["User name", person.username],
    ["Company number", person.company_id],
    ["Department", person.department],
    ["Phone", person.phone],
    ["One-time codes", person.otp_enabled ? "on" : "off"],
  ];
  return (
    <>
      <PageHead title={person.name} />
      <section className="panel" aria-label="Profile">
        <dl className="facts">
          {facts
            .filter(([, value]) => value)
            .map(([label, value]) => (
              <div key={label}>
                <dt>{label}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          <div>
            <dt>Roles</dt>
            <dd>
              {person.system_roles.map(({ system, role }) => (
                <span key={`${system}/${role}`} className="line">
                  {role} <span className="muted">({SYSTEMS[system] ?? system})</span>
                </span>
              ))}
              {person.is_superuser && <span className="line">Superuser</span>}
            </dd>
          </div>
        </dl>
      </section>
    </>
  );
}
