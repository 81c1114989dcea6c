// What people do: search, filter, walk to a proof, ask.
import { drawn } from "./visit.mjs";

export async function deeds(visit) {
  const page = await visit.page();
  for (const deed of [search, keyboard, days, filters, events, proof, query]) await deed(visit, page);
  await page.context().close();
}

async function search(visit, page) {
  await visit.go(page, "/");
  await page.getByRole("searchbox", { name: "Search" }).fill("AS64500");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/network/64500");
  visit.must((await page.locator("h1").innerText()).includes("Alandia Telecom"), "a network is shown without its name");
  await visit.go(page, "/search?q=harbour");
  visit.must((await page.locator('main a[href^="/target/"]').count()) > 0, "a target is not found by a part of its name");
}

async function keyboard(visit, page) {
  await visit.go(page, "/country/XA");
  await page.keyboard.press("Tab");
  visit.must(await page.evaluate(() => document.activeElement.classList.contains("skip")), "the first stop of the keyboard is not the way to the content");
  await page.keyboard.press("/");
  visit.must(await page.evaluate(() => document.activeElement.id === "q"), "/ does not lead to the search box");
  await page.keyboard.type("dns/bo");
  visit.must((await page.locator("#q").inputValue()) === "dns/bo", "/ cannot be typed into the search box");
}

async function days(visit, page) {
  await visit.go(page, "/country/XA");
  await page.getByLabel("First day (UTC)").fill("2024-03-05");
  await page.getByRole("button", { name: "Show" }).click();
  await page.waitForURL("**from=2024-03-05**");
  await page.getByRole("link", { name: "without the filter" }).click();
  await page.waitForURL("**/country/XA");
}

// Every field of the form, with what each row must then be.
const FILTERS = [
  ["Country", "XA", "cc", "td:nth-child(2)", (text) => text === "XA"],
  ["Network (ASN)", "64500", "asn", "td:nth-child(3)", (text) => text.startsWith("AS64500")],
  ["Target", "www.harbour-news.example", "target", "tbody th", (text) => text === "www.harbour-news.example"],
  ["First day (UTC)", "2024-03-05", "from", "td:nth-child(1)", (text) => text >= "2024-03-05"],
  ["Last day (UTC)", "2024-03-04", "to", "td:nth-child(1)", (text) => text < "2024-03-05"],
  ["State", "blocked", "state", "td .state", (text) => text === "blocked"],
  ["Layer", "tls", "layer", "td.how", (text) => text.includes("tls.")],
  ["Mechanism", "dns.injection.bogon", "mechanism", "td.how", (text) => text.includes("dns.injection.bogon")],
];

async function filters(visit, page) {
  for (const [label, value, parameter, cells, holds] of FILTERS) {
    await visit.go(page, "/measurements");
    const field = page.getByLabel(label, { exact: true });
    if ((await field.evaluate((element) => element.tagName)) === "SELECT") await field.selectOption(value);
    else await field.fill(value);
    await page.getByRole("button", { name: "Show" }).click();
    await page.waitForURL((url) => url.searchParams.get(parameter) === value);
    const texts = await page.locator(cells).allInnerTexts();
    visit.must(texts.length > 0 && texts.every(holds), `the filter ${parameter}=${value} lets others through, or nothing: ${texts.slice(0, 3)}`);
  }
}

// From the list to a story, from there to a measurement, and in its record to the field that a rule looked at.
async function events(visit, page) {
  await visit.go(page, "/events");
  await page.getByLabel("State", { exact: true }).selectOption("explained");
  await page.getByRole("button", { name: "Show" }).click();
  await page.waitForURL("**state=explained**");
  const states = await page.locator("tbody .state").allInnerTexts();
  visit.must(states.length > 0 && states.every((text) => text === "explained"), "a filter of events lets others through");
  await page.locator('main th a[href^="/event/"]').first().click();
  await page.waitForURL("**/event/**");
  visit.must((await page.getByText("This is not shown as interference").count()) > 0, "an explained event does not say so");
  await visit.go(page, await visit.firstLink(page, "/events", 'main a[href^="/event/"]'));
  const tried = page.getByRole("heading", { name: "Innocent explanations that were tried" });
  visit.must((await tried.count()) > 0, "an event does not say what was tried");
  await page.locator('main a[href^="/measurement/"]').first().click();
  await page.waitForURL("**/measurement/**");
  await page.locator('main a[href^="#field-"]').first().click();
  visit.must((await page.locator("mark:target").count()) === 1, "a rule does not lead to the field that it looked at");
}

async function proof(visit, page) {
  await visit.go(page, "/measurements?state=blocked");
  await page.locator('main a[href^="/measurement/"]').first().click();
  visit.must((await page.getByRole("heading", { name: "What speaks against it" }).count()) > 0, "a proof does not say what speaks against it");
}

async function query(visit, page) {
  await visit.go(page, "/query");
  await page.getByLabel("SQL").fill("SELECT probe_cc, state, count(*) AS n\nFROM judgements\nGROUP BY 1, 2 ORDER BY 1, 2");
  await page.getByRole("button", { name: "Run" }).click();
  await drawn(page);
  visit.must((await page.getByLabel("SQL").inputValue()).split("\n").length >= 3, "a query loses its lines");
  visit.must((await page.locator("[aria-labelledby=result] tbody tr").count()) > 3, "a query has no result");
  await page.getByLabel("Across").selectOption("probe_cc");
  await page.getByLabel("Colour").selectOption("state");
  await page.locator("#c-mark").selectOption("point");
  await page.getByRole("button", { name: "Draw" }).click();
  await page.waitForURL((url) => url.searchParams.get("mark") === "point" && url.searchParams.get("colour") === "state");
  await drawn(page);
  visit.must((await page.getByLabel("SQL").inputValue()).split("\n").length >= 3, "drawing loses the lines of the query");
  const texts = await page.locator(".live svg text").allTextContents();
  visit.must(["XA", "XB", "probe_cc", "ok"].every((word) => texts.includes(word)), `the chart of a query lacks words: ${texts}`);
  await visit.go(page, `/query?sql=${encodeURIComponent(`SELECT 'a.b[0]' AS "x.y['z']", 3 AS "n(1)" UNION ALL SELECT '<b>', 4`)}`);
  const odd = await page.locator(".live svg text").allTextContents();
  visit.must(["a.b[0]", "<b>", "x.y['z']", "n(1)"].every((word) => odd.includes(word)), `odd names are not drawn: ${odd}`);
}
