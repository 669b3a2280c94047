// A ticket from log-in to closed on the pages: an employee, a coordinator and an administrator are signed in at once, an
// asset manager joins them. What one does, the others see without loading anything again.
import { play } from "./stage.mjs";

const SUBJECT = "Laptop comes back";
const PUBLIC = "Please bring the charger @noor.haddan";
const INTERNAL = "The serial number is not on the list.";
const REPLY = "It is in the bag.";
const FILE = { name: "handover.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7\nhandover\n%%EOF\n") };

await play(async (stage) => {
  const { noor, clara, marit } = await everybodySignsIn(stage);
  const number = await submits(stage, noor);
  await approves(stage, clara, number, noor);
  await starts(stage, marit, noor);
  await talk(stage, marit, noor);
  const manager = await handsOn(stage, marit);
  await finish(stage, marit, manager);
  await closesAndRates(stage, noor);
  await isCounted(stage, clara, manager.name);
  await wasTold(stage, noor, number);
  await signsOut(stage, manager);
});

async function everybodySignsIn(stage) {
  stage.step("three people sign in");
  const [noor, clara, marit] = await Promise.all([
    signsInAtLast(stage),
    stage.signsIn("Clara Fontane"),
    stage.signsIn("Marit Solheim"),
  ]);
  await clara.goTo("Queue");
  await clara.sees(clara.page.getByText("Nothing waits for a decision."));
  await marit.goTo("My work");
  await marit.sees(marit.page.getByText("Nothing here."));
  return { noor, clara, marit };
}

/** The first password is a wrong one. */
async function signsInAtLast(stage) {
  const noor = await stage.arrives("Noor Haddan");
  const { email, password } = stage.logInOf(noor.name);
  noor.provokes("POST /api/v1/auth/login", 401);
  await noor.tryPassword(email, "not the right one");
  await noor.sees(noor.page.getByRole("alert").getByText(/\w/));
  await noor.signIn({ email, password });
  return noor;
}

async function submits(stage, noor) {
  stage.step("Noor submits a ticket with a file");
  const { page } = noor;
  await noor.goTo("Submit");
  await noor.sees(noor.heading("Submit a request"));
  await page.getByLabel("Subject").fill(SUBJECT);
  await page.getByLabel("Category", { exact: true }).selectOption("Asset Check In");
  await page.getByLabel("Sub-category").selectOption("Check In");
  await page.getByLabel("Description").fill("I have a new one.");
  await page.getByLabel("Asset (optional)").fill("Laptop 14");
  await page.getByLabel("Serial number").fill("SN-0042");
  await page.getByLabel("Attachments").setInputFiles(FILE);
  await noor.button("Submit request").click();
  await noor.sees(noor.heading(SUBJECT));
  await hasStatus(noor, "New");
  await noor.sees(page.getByRole("link", { name: FILE.name }));
  const number = new URL(page.url()).pathname.split("/").pop();

  stage.step("it is on her list");
  await noor.goTo("My tickets");
  const row = page.getByRole("row").filter({ hasText: number });
  await noor.sees(row.getByText("New", { exact: true }));
  await row.getByRole("link", { name: SUBJECT }).click();
  await hasStatus(noor, "New");
  return number;
}

/** On the open page of the ticket. */
async function hasStatus(person, status) {
  await person.sees(person.page.getByRole("article").getByText(status, { exact: true }).first());
}

async function approves(stage, clara, number, noor) {
  stage.step("Clara's open queue shows it");
  const card = clara.page.getByRole("list", { name: "Waiting tickets" }).getByRole("listitem");
  await clara.sees(card.getByRole("link", { name: SUBJECT }));
  await clara.sees(clara.bell());

  stage.step("Clara approves it");
  await clara.button(`Approve ${number}`).click();
  const dialog = await clara.sees(clara.dialog(`Approve ${number}`));
  await dialog.getByLabel("Priority").selectOption("High");
  await dialog.getByLabel("Department").selectOption("Asset Department");
  await dialog.getByRole("button", { name: "Approve" }).click();
  await clara.seesNoMore(dialog);
  await clara.seesNoMore(card);

  stage.step("Noor's open page shows it");
  await hasStatus(noor, "Open");
}

async function starts(stage, marit, noor) {
  stage.step("Marit's open work list shows it");
  const row = marit.page.getByRole("row").filter({ hasText: SUBJECT });
  await marit.sees(row.getByText("Triage"));
  await marit.sees(row.getByText("High"));
  await marit.sees(marit.bell());

  stage.step("Marit starts it");
  await row.getByRole("link", { name: SUBJECT }).click();
  await marit.button("Start").click();
  await marit.seesNoMore(marit.button("Start"));

  stage.step("Noor's open page shows it in progress");
  await hasStatus(noor, "In Progress");
  const progress = noor.page.getByRole("region", { name: "Progress" });
  await noor.sees(progress.locator("[aria-current=step]").filter({ hasText: "Triage" }));
}

function comment(person, text) {
  const comments = person.page.getByRole("list", { name: "Comments", exact: true });
  return comments.getByRole("listitem").filter({ hasText: text }).first();
}

async function says(person, text, who) {
  const { page } = person;
  if (who) await page.getByRole("radio", { name: who }).check();
  await page.getByRole("textbox", { name: "Comment", exact: true }).fill(text);
  await page.getByRole("button", { name: /^Add (comment|internal note)$/ }).click();
  await person.sees(comment(person, text));
}

async function talk(stage, marit, noor) {
  stage.step("Marit writes an internal note, then a public comment");
  await says(marit, INTERNAL, "Internal");
  await marit.sees(comment(marit, INTERNAL).getByText("Internal", { exact: true }));
  await says(marit, PUBLIC, "Public");

  stage.step("Noor's open page shows the public one, and she replies");
  const said = await noor.sees(comment(noor, PUBLIC));
  await hasNotHeard(noor);
  await said.getByRole("button", { name: "Reply" }).click();
  await said.getByLabel("Reply to Marit Solheim").fill(REPLY);
  await said.getByRole("button", { name: "Send reply" }).click();
  await noor.sees(said.getByText(REPLY));

  stage.step("Marit's open page shows the reply");
  const replies = marit.page.getByRole("list", { name: "Replies to Marit Solheim" });
  await marit.sees(replies.getByText(REPLY));
}

/** What was said among staff; later things have reached her page. */
async function hasNotHeard(noor) {
  const heard = await noor.page.getByText(INTERNAL).count();
  if (heard > 0) throw new Error("the requester reads an internal comment");
}

/** The dialog, filled in but for the notes. */
async function acts(person, action) {
  await person.button("Make an action").click();
  const dialog = await person.sees(person.dialog("Make an action"));
  await dialog.getByRole("radio", { name: action, exact: true }).check();
  return dialog;
}

async function confirms(person, dialog, notes) {
  await dialog.getByLabel("Notes").fill(notes);
  await dialog.getByRole("button", { name: "Confirm" }).click();
  await person.seesNoMore(dialog);
}

async function handsOn(stage, marit) {
  stage.step("Marit hands it on, not without notes");
  const dialog = await acts(marit, "Submit");
  await dialog.getByRole("button", { name: "Confirm" }).click();
  const notes = dialog.getByLabel("Notes").and(marit.page.locator("[aria-invalid=true]"));
  await marit.sees(notes);
  await marit.sees(dialog.getByText("Please say what was done in a few words."));
  await confirms(marit, dialog, "complete");

  const sentence = await marit.sees(marit.page.getByText(/^Only .+ can act on this step now\.$/));
  const name = /^Only (.+) can act/.exec(await sentence.innerText())[1];
  stage.step(`${name} signs in`);
  return stage.signsIn(name);
}

async function finish(stage, marit, manager) {
  stage.step(`${manager.name} approves the work`);
  await manager.goTo("My work");
  await manager.page.getByRole("link", { name: SUBJECT }).click();
  await manager.sees(comment(manager, INTERNAL));
  await confirms(manager, await acts(manager, "Approve"), "on the shelf");

  stage.step("Marit's open page gives it back to her, and she finishes it");
  await marit.sees(marit.page.getByRole("heading", { name: "Finalize: what to do" }));
  await confirms(marit, await acts(marit, "Finish Finalize"), "Everything is back.");
  await marit.sees(marit.page.getByText("All work on this ticket is done."));
}

async function closesAndRates(stage, noor) {
  stage.step("Noor's open page shows it resolved, and she closes it");
  const { page } = noor;
  await hasStatus(noor, "Resolved");
  await noor.button("Close").click();
  await noor
    .dialog(/^Close TX/)
    .getByRole("button", { name: "Close ticket" })
    .click();
  await hasStatus(noor, "Closed");

  stage.step("Noor rates it");
  await noor.button("Rate").click();
  const dialog = await noor.sees(noor.dialog("How was it?"));
  await dialog.getByRole("radio", { name: /^5 of 5/ }).check();
  await dialog.getByLabel("Feedback (optional)").fill("quick");
  await dialog.getByRole("button", { name: "Send rating" }).click();
  await noor.seesNoMore(dialog);
  await noor.sees(page.getByRole("definition").filter({ hasText: "5 of 5" }));
  await hasNotHeard(noor);
}

async function isCounted(stage, clara, manager) {
  stage.step("the reports count it");
  const { page } = clara;
  await clara.goTo("Reports");
  await clara.sees(clara.heading("Reports"));
  const totals = page.getByRole("list", { name: "Totals" }).getByRole("listitem");
  await clara.sees(totals.filter({ hasText: /^1\s*Tasks$/ }));
  await clara.sees(totals.filter({ hasText: /^1\s*Completed$/ }));
  await clara.sees(totals.filter({ hasText: /^100 %\s*Targets kept$/ }));
  await clara.sees(page.getByRole("row", { name: `${manager} 0 0 1` }));
  await clara.sees(page.getByRole("row", { name: "Marit Solheim 0 0 2" }));
}

async function wasTold(stage, noor, number) {
  stage.step("Noor reads her inbox");
  const { page } = noor;
  await noor.sees(noor.bell());
  await noor.bell().click();
  const messages = page.getByRole("list", { name: "Messages" }).getByRole("listitem");
  await noor.sees(messages.filter({ hasText: number }).first());
  await noor.sees(messages.filter({ hasText: /resolved/i }).first());
  await noor.button("Mark all as read").click();
  await noor.sees(page.getByText("You have read everything."));
  await noor.sees(noor.bell("Inbox, 0 unread messages"));
}

async function signsOut(stage, manager) {
  stage.step(`${manager.name} signs out`);
  await manager.button("Sign out").click();
  await manager.sees(manager.heading("Sign in"));
}
