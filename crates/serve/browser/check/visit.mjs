// The browser, and the list of what is not as it must be.
import { chromium } from "playwright-core";

export async function start(address) {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  return new Visit(browser, address);
}

export async function end(visit) {
  await visit.browser.close();
  visit.troubles.forEach((trouble) => console.error(trouble));
  console.log(`${visit.checks} checks, ${visit.troubles.length} troubles`);
  process.exitCode = visit.troubles.length === 0 ? 0 : 1;
}

class Visit {
  troubles = [];
  checks = 0;
  // Pages that answer with an error, which a browser tells on its console.
  quiet = new Set();

  constructor(browser, address) {
    this.browser = browser;
    this.address = address;
  }

  must(holds, what) {
    this.checks += 1;
    if (!holds) this.troubles.push(what);
  }

  // A page whose policy is in force, and which is listened to.
  async page(options = {}) {
    const context = await this.browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    page.on("console", (message) => {
      const path = page.url().slice(this.address.length);
      this.must(message.type() !== "error" || this.quiet.has(path), `console of ${path}: ${message.text()}`);
    });
    page.on("pageerror", (error) => this.must(false, `error in ${page.url()}: ${error}`));
    const isOurs = (url) => url.startsWith(`${this.address}/`) || url.startsWith("blob:") || url.startsWith("data:");
    page.on("request", (request) => this.must(isOurs(request.url()), `${page.url()} asks ${request.url()}`));
    return page;
  }

  async go(page, path) {
    const reply = await page.goto(this.address + path);
    await drawn(page);
    return reply;
  }

  async firstLink(page, path, selector) {
    await page.goto(this.address + path);
    return new URL(await page.locator(selector).first().getAttribute("href"), this.address).pathname;
  }
}

// Waits until the script has drawn every chart of the page.
export async function drawn(page) {
  await page.waitForFunction(() => !document.querySelector(".chart:not([data-drawn])"));
}
