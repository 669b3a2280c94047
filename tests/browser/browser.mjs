// The distribution's Chromium, started for one test with a profile of its own.
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";

// What a browser does for its maker has no place in a test: nothing here asks for anything but the pages.
const QUIET = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Its profile is a new folder in the temporary folder of this process (`TMPDIR`), and goes with it. */
export function launch() {
  return chromium.launch({ executablePath: installed("chromium"), headless: true, args: QUIET });
}

function installed(command) {
  const paths = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, command));
  const found = paths.find(isExecutable);
  if (!found)
    throw new Error(`${command} is not installed: deploy/setup/packages.sh ${command}=${command} installs it`);
  return found;
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
