// What a person's roles let them do here. Only for what is shown: every service decides for itself.
import type { Profile } from "../api/auth";

export interface Rights {
  /** Asks for things. */
  readonly submits: boolean;
  /** Approves and rejects. */
  readonly coordinates: boolean;
  /** Sees every ticket. */
  readonly seesAll: boolean;
  /** May own tasks. */
  readonly owns: boolean;
  /** May be given work. */
  readonly works: boolean;
  /** Transfers, assigns, sees every task. */
  readonly administersTasks: boolean;
  /** Sees reports. */
  readonly reports: boolean;
  /** Corrects and takes back what others said. */
  readonly moderates: boolean;
  /** May write what requesters do not see. */
  readonly isStaff: boolean;
}

export function rightsOf(person: Pick<Profile, "system_roles" | "is_superuser" | "user_type">): Rights {
  const holds = (system: string, ...roles: string[]) =>
    person.system_roles.some((held) => held.system === system && roles.includes(held.role));
  const helpdeskAdmin = person.is_superuser || holds("hdts", "Admin");
  const trackingAdmin = person.is_superuser || holds("tts", "Admin");
  const coordinator = holds("hdts", "Ticket Coordinator");
  const works = trackingAdmin || person.system_roles.some((held) => held.system === "tts");
  const employee = person.user_type === "employee" || holds("hdts", "Employee");
  return {
    submits: employee || coordinator || helpdeskAdmin || trackingAdmin,
    coordinates: coordinator || helpdeskAdmin,
    seesAll: coordinator || helpdeskAdmin || trackingAdmin,
    owns: coordinator || holds("tts", "Ticket Coordinator"),
    works,
    administersTasks: trackingAdmin,
    reports: trackingAdmin || helpdeskAdmin || coordinator,
    moderates: trackingAdmin || helpdeskAdmin,
    isStaff: coordinator || helpdeskAdmin || works,
  };
}
