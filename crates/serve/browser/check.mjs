// Looks at every page in a real browser: node check.mjs ADDRESS [FOLDER FOR PICTURES]
//
// Each page in light and dark, at the width of a phone and of a screen: no violation that axe finds, no error on the console, no script,
// no request to another host, nothing wider than the window. Then the things that people do: search, filter, walk to a proof.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const [, , address, pictures] = process.argv;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WIDTHS = [360, 1440];
const SCHEMES = ["light", "dark"];
const troubles = [];
let checks = 0;

function must(holds, what) {
  checks += 1;
  if (!holds) troubles.push(what);
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });

// axe runs from outside of the page's policy, which allows no script.
async function open(scheme, width) {
  const context = await browser.newContext({ colorScheme: scheme, viewport: { width, height: 900 }, bypassCSP: true });
  const page = await context.newPage();
  page.on("console", (message) => must(message.type() !== "error", `console of ${page.url()}: ${message.text()}`));
  page.on("pageerror", (error) => must(false, `error in ${page.url()}: ${error}`));
  page.on("request", (request) => must(request.url().startsWith(address) || request.url().startsWith("data:"), `${page.url()} asks ${request.url()}`));
  return page;
}

async function look(page, path, label) {
  await page.goto(address + path);
  must((await page.locator("script").count()) === 0, `${path} has a script`);
  must((await page.locator("h1").count()) === 1, `${path} has not one heading of the first rank`);
  await page.locator("details").evaluateAll((all) => all.forEach((one) => (one.open = true)));
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  must(wider <= 0, `${path} is ${wider} px wider than the window (${label})`);
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  for (const violation of found.violations) {
    must(false, `axe ${violation.id} on ${path} (${label}): ${violation.help}: ${violation.nodes[0].html.slice(0, 200)}`);
  }
  checks += found.passes.length;
}

async function firstLink(page, path, selector) {
  await page.goto(address + path);
  return new URL(await page.locator(selector).first().getAttribute("href"), address).pathname;
}

const scout = await open("light", 1440);
const measurement = await firstLink(scout, "/measurements?state=interference", 'main a[href^="/measurement/"]');
const target = await firstLink(scout, "/", 'main a[href^="/target/"]');
const event = await firstLink(scout, "/events", 'main a[href^="/event/"]');
const explained = await firstLink(scout, "/events?state=explained", 'main a[href^="/event/"]');
const PATHS = [
  "/events", "/events?state=all", "/events?cc=XB&kind=shutdown", "/events?since=2031-01-01", event, explained,
  "/", "/?from=2024-03-04&to=2024-03-04", "/country/XA", "/country/XB", "/network/64500", "/network/unknown", target, measurement,
  "/measurements", "/measurements?cc=XA&state=interference&layer=dns", "/measurements?from=2020-01-01&to=2020-01-01",
  "/rules", "/rules/dns/bogon_not_in_control", "/tables", "/tables/judgements", "/tables/states_by_network", "/data", "/help", "/query",
  "/query?sql=SELECT%20*%20FROM%20mechanisms_by_network", "/query?sql=nonsense", "/search", "/search?q=harbour", "/nothing",
];
// What is not there answers with an error, which a browser tells on its console.
const QUIET = new Set(["/nothing", "/query?sql=nonsense", "/network/unknown"]);

for (const scheme of SCHEMES) {
  for (const width of WIDTHS) {
    const page = await open(scheme, width);
    for (const path of PATHS) {
      if (QUIET.has(path)) page.removeAllListeners("console");
      await look(page, path, `${scheme}, ${width} px`);
      if (pictures) {
        const name = path.replace(/[^a-zA-Z0-9]+/g, "-").slice(0, 40);
        await page.screenshot({ path: `${pictures}/${scheme}-${width}${name}.png`, fullPage: false });
      }
    }
    await page.context().close();
  }
}

// What people do.
await scout.goto(address + "/");
await scout.getByRole("searchbox", { name: "Search" }).fill("AS64500");
await scout.keyboard.press("Enter");
await scout.waitForURL("**/network/64500");
must((await scout.locator("h1").innerText()).includes("Alandia Telecom"), "a network is shown without its name");

await scout.goto(address + "/country/XA");
await scout.getByLabel("First day (UTC)").fill("2024-03-05");
await scout.getByRole("button", { name: "Show" }).click();
must(scout.url().includes("from=2024-03-05"), "a filter is not in the address");
await scout.getByRole("link", { name: "without the filter" }).click();
must(scout.url().endsWith("/country/XA"), "a filter cannot be left");

await scout.goto(address + "/measurements");
await scout.getByLabel("State").selectOption("blocked");
await scout.getByRole("button", { name: "Show" }).click();
must((await scout.locator("td .state").allInnerTexts()).every((text) => text === "blocked"), "a filter of states lets others through");
await scout.locator('main a[href^="/measurement/"]').first().click();
must((await scout.getByRole("heading", { name: "What speaks against it" }).count()) > 0, "a proof does not say what speaks against it");

await scout.goto(address + "/events");
await scout.getByLabel("State").selectOption("explained");
await scout.getByRole("button", { name: "Show" }).click();
must((await scout.locator("tbody .state").allInnerTexts()).every((text) => text === "explained"), "a filter of events lets others through");
await scout.locator('main th a[href^="/event/"]').first().click();
must((await scout.getByText("This is not shown as interference").count()) > 0, "an explained event does not say so");
await scout.goto(address + event);
must((await scout.getByRole("heading", { name: "Innocent explanations that were tried" }).count()) > 0, "an event does not say what was tried");
await scout.locator('main a[href^="/measurement/"]').first().click();
await scout.locator('main a[href^="#field-"]').first().click();
must((await scout.locator("mark:target").count()) === 1, "a rule does not lead to the field that it looked at");

await scout.goto(address + "/query");
await scout.getByLabel("SQL").fill("SELECT state, count(*) AS n\nFROM judgements\nGROUP BY state ORDER BY state");
await scout.getByRole("button", { name: "Run" }).click();
must((await scout.getByLabel("SQL").inputValue()).split("\n").length >= 3, "a query loses its lines");
must((await scout.locator("[aria-labelledby=result] tbody tr").count()) > 3, "a query has no result");

await scout.goto(address + "/");
await scout.keyboard.press("Tab");
must(await scout.evaluate(() => document.activeElement.classList.contains("skip")), "the first stop of the keyboard is not the way to the content");

await browser.close();
troubles.forEach((trouble) => console.error(trouble));
console.log(`${checks} checks, ${troubles.length} troubles`);
process.exit(troubles.length === 0 ? 0 : 1);
