// Light or dark: as the system says, until somebody says otherwise in this browser.

const KEY = "wharf.theme";
export type Theme = "light" | "dark";

const chosen = (): Theme | null => {
  const kept = localStorage.getItem(KEY);
  return kept === "light" || kept === "dark" ? kept : null;
};

export const currentTheme = (): Theme =>
  chosen() ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");

export function applyTheme() {
  const theme = chosen();
  if (theme) document.documentElement.dataset["theme"] = theme;
}

export function toggleTheme(): Theme {
  const next: Theme = currentTheme() === "dark" ? "light" : "dark";
  localStorage.setItem(KEY, next);
  applyTheme();
  return next;
}
