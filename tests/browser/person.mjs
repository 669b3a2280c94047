// Somebody with a browser window of their own: signs in, looks, and waits for what must become visible.
import { join } from "node:path";
import { Watch } from "./watch.mjs";

/** How long something may take to become visible; the pages ask again by themselves only every minute. */
const SOON_MS = 30_000;
/** A page that hangs must not keep others from telling what they saw. */
const PICTURE_MS = 5_000;

/** A breach of the content policy is an event of the document; the console tells only of those that were enforced. */
function tellBreaches() {
  addEventListener("securitypolicyviolation", (breach) =>
    console.error(`content policy: ${breach.effectiveDirective} against ${breach.blockedURI}`),
  );
}

export class Person {
  #watch;

  constructor(name, page, address) {
    this.name = name;
    this.page = page;
    this.#watch = new Watch(name, page, address);
  }

  /** With an empty window, as it is on a machine that nobody has used: no cookies, nothing kept. */
  static async arrive(browser, address, name, window = {}) {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      locale: "en-GB",
      timezoneId: "Europe/Berlin",
      reducedMotion: "reduce",
      ...window,
    });
    context.setDefaultTimeout(SOON_MS);
    await context.addInitScript(tellBreaches);
    const person = new Person(name, await context.newPage(), address);
    await person.page.goto(`${address}/login`);
    return person;
  }

  /** Fills in the form on the first page. */
  async tryPassword(email, password) {
    await this.page.getByLabel("E-mail").fill(email);
    await this.page.getByLabel("Password").fill(password);
    await this.button("Sign in").click();
  }

  async signIn({ email, password }) {
    await this.tryPassword(email, password);
    await this.sees(this.button("Sign out"));
  }

  button(name) {
    return this.page.getByRole("button", { name, exact: true });
  }

  /** A link above every page. */
  async goTo(link) {
    await this.page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: link, exact: true }).click();
  }

  heading(name) {
    return this.page.getByRole("heading", { level: 1, name });
  }

  /** The dialog with this title, with what can be done in it. */
  dialog(title) {
    return this.page.getByRole("dialog", { name: title });
  }

  /** The way to the inbox, which says how much there is new. */
  bell(count = /[1-9]\d* unread/) {
    return this.page.getByRole("link", { name: count });
  }

  /** Waits until it is visible. */
  async sees(locator) {
    await locator.waitFor({ state: "visible" });
    return locator;
  }

  /** Waits until it is not there any more. */
  async seesNoMore(locator) {
    await locator.waitFor({ state: "hidden" });
  }

  /** The next answer of this kind is wanted. */
  provokes(asked, status) {
    this.#watch.expect(asked, status);
  }

  complaints() {
    return this.#watch.complaints();
  }

  /** Kept in the folder; nothing where there is none. */
  async picture(folder, name) {
    const path = join(folder ?? "", `${name}.png`);
    if (folder) await this.page.screenshot({ path, animations: "disabled", timeout: PICTURE_MS });
  }
}
