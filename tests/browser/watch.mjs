// What must not happen behind a page: errors on the console or in scripts, breaches of the content policy, requests that
// fail or are refused, and documents that are loaded again where the page should have followed by itself.

/** Asked for before the service can know the answer. The pages ask again, or show that there is nothing yet. */
const TOO_EARLY = [
  // `comments` hears of a new ticket by a message.
  /^GET \/api\/v1\/comments\/\?ticket=[^&]+(&page=1)?$/,
  // There is a task once the approval has reached the workflows.
  /^GET \/api\/v1\/workflows\/tasks\/by-ticket\/[^/?]+\/progress$/,
  // `tickets` hears of a new assignee by a message.
  /^GET \/api\/v1\/tickets\/TX\d+$/,
];

/** The console's word on an answer that is looked at by itself, with its address. */
const REFUSED = /^Failed to load resource: the server responded with a status of/;

export class Watch {
  #who;
  #complaints = [];
  #expected = [];
  #documents = 0;

  constructor(who, page, address) {
    this.#who = who;
    page.on("console", (message) => {
      if (message.type() === "error" && !REFUSED.test(message.text())) this.#complain(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => this.#complain(`script: ${error.stack ?? error}`));
    page.on("crash", () => this.#complain("the page crashed"));
    page.on("response", (response) => this.#answered(response, address));
    page.on("requestfailed", (request) => this.#failed(request));
    page.on("domcontentloaded", () => (this.#documents += 1));
  }

  /** The next answer of this kind is what the test wants: `POST /path` and its status. */
  expect(asked, status) {
    this.#expected.push(`${asked} ${status}`);
  }

  /** What was wrong until now. */
  complaints() {
    const missing = this.#expected.map((expected) => `${this.#who}: there was no ${expected}`);
    const again = this.#documents > 1 ? [`${this.#who}: ${this.#documents} documents were loaded`] : [];
    return [...this.#complaints, ...missing, ...again];
  }

  #answered(response, address) {
    const status = response.status();
    const url = new URL(response.url());
    if (url.origin !== new URL(address).origin) this.#complain(`asked elsewhere: ${response.url()}`);
    if (status < 400) return;
    const asked = `${response.request().method()} ${url.pathname}${url.search}`;
    const at = this.#expected.indexOf(`${asked} ${status}`);
    if (at >= 0) this.#expected.splice(at, 1);
    else if (status !== 404 || !TOO_EARLY.some((early) => early.test(asked))) this.#complain(`${asked}: ${status}`);
  }

  #failed(request) {
    const why = request.failure()?.errorText ?? "no reason";
    // Who leaves a page, or asks again before the answer, wants no answer any more.
    if (why !== "net::ERR_ABORTED") this.#complain(`${request.method()} ${request.url()}: ${why}`);
  }

  #complain(what) {
    this.#complaints.push(`${this.#who}: ${what}`);
  }
}
