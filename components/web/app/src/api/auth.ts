// The service `auth`: signing in and out, and who one is.
import { ask, get } from "./http";

export interface Profile {
  readonly id: string;
  readonly email: string;
  readonly username: string;
  readonly first_name: string;
  readonly middle_name: string | null;
  readonly last_name: string;
  readonly suffix: string | null;
  readonly phone: string | null;
  readonly company_id: string;
  readonly department: string | null;
  readonly user_type: string;
  readonly status: string;
  readonly is_superuser: boolean;
  readonly otp_enabled: boolean;
  readonly system_roles: readonly { readonly system: string; readonly role: string }[];
}

export interface SignedIn {
  readonly success: true;
  readonly user: Profile;
  readonly expires_in: number;
}

export interface CodeNeeded {
  readonly success: false;
  readonly otp_required: true;
  readonly challenge: string;
  readonly expires_in: number;
}

const BASE = "/api/v1/auth";

export async function me(): Promise<Profile> {
  return (await get<{ data: Profile }>(`${BASE}/me`)).data;
}

export function signIn(email: string, password: string): Promise<SignedIn | CodeNeeded> {
  return ask("POST", `${BASE}/login`, { json: { email, password }, anonymous: true });
}

export function signInWithCode(challenge: string, otp_code: string): Promise<SignedIn> {
  return ask("POST", `${BASE}/login/otp`, { json: { challenge, otp_code }, anonymous: true });
}

export function sendCodeAgain(challenge: string): Promise<void> {
  return ask("POST", `${BASE}/login/otp/resend`, { json: { challenge }, anonymous: true });
}

export function signOut(): Promise<void> {
  return ask("POST", `${BASE}/logout`, { anonymous: true });
}
