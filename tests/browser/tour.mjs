// Everybody opens every page they are offered, in a system with a story: light, dark and on a phone. With `PICTURES` set
// to a folder, some of what they see is kept there for the README.
import { play } from "./stage.mjs";

const PICTURES = process.env.PICTURES;
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 1.5, isMobile: true, hasTouch: true };

await play(async (stage) => {
  await employee(stage);
  await coordinator(stage);
  await agent(stage);
  await administrator(stage);
  await onThePhone(stage);
});

async function employee(stage) {
  stage.step("an employee");
  const noor = await stage.signsIn("Noor Haddan");
  await opensEverything(noor);
  await noor.goTo("My tickets");
  await isDrawn(noor);
  await noor.picture(PICTURES, "my-tickets");
  await opens(noor, "Laptop for a new colleague, today");
}

async function coordinator(stage) {
  stage.step("a coordinator");
  const clara = await stage.signsIn("Clara Fontane");
  await opensEverything(clara);
  await clara.goTo("Queue");
  await clara.page
    .getByRole("button", { name: /^Approve TX/ })
    .first()
    .click();
  const dialog = await clara.sees(clara.dialog(/^Approve TX/));
  await dialog.getByLabel("Priority").selectOption("High");
  await clara.picture(PICTURES, "queue");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await clara.bell().click();
  await isDrawn(clara);
  await clara.picture(PICTURES, "inbox");
}

async function agent(stage) {
  stage.step("an agent, in the light and in the dark");
  const oskar = await stage.signsIn("Oskar Lindqvest");
  const { page } = oskar;
  await opensEverything(oskar);
  await oskar.goTo("My work");
  await isDrawn(oskar);
  await opens(oskar, "Return of two monitors");
  await page.getByRole("img", { name: "stain.png" }).evaluate((picture) => picture.decode());
  await page.getByRole("group", { name: "Who reads it" }).evaluate(belowTheBar);
  await oskar.picture(PICTURES, "comments");

  await oskar.button("Use the dark theme").click();
  await oskar.sees(oskar.button("Use the light theme"));
  await page.evaluate(() => scrollTo(0, 0));
  await oskar.picture(PICTURES, "work");
  await opensEverything(oskar);
}

async function administrator(stage) {
  stage.step("the administrator");
  const marit = await stage.signsIn("Marit Solheim");
  await opensEverything(marit);
  await marit.goTo("Reports");
  await isDrawn(marit);
  await marit.picture(PICTURES, "reports");
}

async function onThePhone(stage) {
  stage.step("an employee on a phone");
  const noor = await stage.signsIn("Noor Haddan", PHONE);
  await opensEverything(noor);
  await noor.goTo("My tickets");
  await isDrawn(noor);
  await noor.picture(PICTURES, "phone");
  await opens(noor, "Laptop for a new colleague, today");
}

/** Every page above which a link leads to it. */
async function opensEverything(person) {
  const links = person.page.getByRole("navigation", { name: "Main" }).getByRole("link");
  for (const name of await links.allInnerTexts()) {
    await person.goTo(name);
    await isDrawn(person);
  }
}

/** A ticket of the story, from a list. */
async function opens(person, subject) {
  await person.page.getByRole("link", { name: subject, exact: true }).click();
  await person.sees(person.heading(subject));
  await isDrawn(person);
}

/** Scrolls in the page, so that this is the first thing below what stays at its top. */
function belowTheBar(element) {
  scrollTo(0, element.getBoundingClientRect().top + scrollY - 70);
}

/** Complete, without a failure on it, and not wider than the window. */
async function isDrawn(person) {
  const { page } = person;
  await person.sees(page.getByRole("heading", { level: 1 }));
  await person.seesNoMore(page.getByRole("status", { name: "Loading" }).first());
  const failures = await page.getByRole("main").getByRole("button", { name: "Try again" }).count();
  if (failures > 0) throw new Error(`${page.url()}: ${await page.getByRole("main").innerText()}`);
  const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  if (wide > room) throw new Error(`${page.url()}: ${wide} pixels wide in a window of ${room}`);
}
