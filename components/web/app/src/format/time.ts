// Moments as people read them, in the zone of their browser.

const LOCALE = "en-GB";
const DAY_MS = 86_400_000;

const withZone = new Intl.DateTimeFormat(LOCALE, { dateStyle: "full", timeStyle: "long" });
const dayAndTime = new Intl.DateTimeFormat(LOCALE, {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
});
const dayOnly = new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** The whole truth, with the zone. */
export const absolute = (at: string) => withZone.format(new Date(at));

/** `22 Nov 2026, 14:05`. */
export const moment = (at: string) => dayAndTime.format(new Date(at));

/** A day of the calendar, `2026-11-22`, which has no zone. */
export const day = (date: string) => dayOnly.format(new Date(`${date}T00:00:00Z`));

/** `5 minutes ago`, `in 3 hours`; moments more than a day away as they are. */
export function near(at: string, now = Date.now()): string {
  const ms = new Date(at).getTime() - now;
  const [size, minutes] = [Math.abs(ms), Math.trunc(ms / 60_000)];
  if (size < 60_000) return "just now";
  if (size < 3_600_000) return relative.format(minutes, "minute");
  if (size < DAY_MS) return relative.format(Math.round(ms / 3_600_000), "hour");
  return moment(at);
}

/** `2 d 3 h`, `45 min`: the two largest parts of a span. */
export function span(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  const parts: [number, string][] = [
    [Math.floor(minutes / 1440), "d"],
    [Math.floor((minutes % 1440) / 60), "h"],
    [minutes % 60, "min"],
  ];
  const given = parts.filter(([amount]) => amount > 0).slice(0, 2);
  return given.map(([amount, unit]) => `${amount} ${unit}`).join(" ") || "less than a minute";
}
