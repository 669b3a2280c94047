// What every test here shares: the host and the log-ins that it was given, the people who arrive, and an end that says
// what was wrong, with a picture of every window.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { launch } from "./browser.mjs";
import { Person } from "./person.mjs";

/** Of the whole test. Whoever started this process waits a little longer. */
const WHOLE_MS = 150_000;

export class Stage {
  #browser;
  #address;
  #logIns;
  #failures;
  #people = [];
  #began = performance.now();
  #step = "the beginning";

  constructor(browser, { address, people, failures }) {
    this.#browser = browser;
    this.#address = address;
    this.#logIns = people;
    this.#failures = failures;
  }

  /** Says what comes next, which is what failed if it is the last thing said. */
  step(what) {
    const seconds = ((performance.now() - this.#began) / 1000).toFixed(1).padStart(5);
    this.#step = what;
    console.log(`${seconds} s  ${what}`);
  }

  /** The log-in of somebody by the full name, as the pages show it. */
  logInOf(name) {
    const start = `${name.toLowerCase().replaceAll(" ", ".")}@`;
    const found = this.#logIns.find(({ email }) => email.startsWith(start));
    if (!found) throw new Error(`nobody is called ${name}`);
    return found;
  }

  /** Somebody in front of the first page. */
  async arrives(name, window) {
    const person = await Person.arrive(this.#browser, this.#address, name, window);
    this.#people.push(person);
    return person;
  }

  async signsIn(name, window) {
    const person = await this.arrives(name, window);
    await person.signIn(this.logInOf(name));
    return person;
  }

  /** Fails if anything was wrong behind anybody's page. */
  check() {
    if (this.#complaints().length > 0) throw new Error("something was wrong behind the pages");
  }

  #complaints() {
    return this.#people.flatMap((person) => person.complaints());
  }

  /** What is known of a failure, with a picture of what each person saw last. */
  async explain(error) {
    console.log(`\nIt failed in the step: ${this.#step}\n${stripVTControlCharacters(error.stack ?? String(error))}`);
    for (const line of this.#complaints()) console.log(line);
    mkdirSync(this.#failures, { recursive: true });
    for (const person of this.#people) {
      const name = person.name.toLowerCase().replaceAll(" ", "-");
      await person.picture(this.#failures, name).then(
        () => console.log(`${person.name} saw ${join(this.#failures, name)}.png at ${person.page.url()}`),
        (reason) => console.log(`${person.name}: no picture, ${reason.message}`),
      );
    }
  }
}

/** Runs a test against the host that `STAGE` tells of: `{address, people: [{email, password}], failures}`. */
export async function play(test) {
  const browser = await launch();
  const stage = new Stage(browser, JSON.parse(process.env.STAGE ?? "{}"));
  let bell;
  const late = new Promise((_, reject) => {
    bell = setTimeout(() => reject(new Error(`it took longer than ${WHOLE_MS / 1000} s`)), WHOLE_MS);
  });
  try {
    await Promise.race([test(stage), late]);
    stage.check();
    stage.step("the end");
  } catch (error) {
    await stage.explain(error);
    process.exitCode = 1;
  }
  clearTimeout(bell);
  await browser.close();
}
