// Charts do what they promise: they say their figures, lead to what is behind them, follow the reader's colours, and leave paper to the
// server's drawing.

export async function charts(visit) {
  const page = await visit.page({ colorScheme: "light" });
  for (const check of [tips, ways, events, colours, paper, phone]) await check(visit, page);
  await page.context().close();
}

const BARS = "#mechanisms ~ .chart .live";

async function tips(visit, page) {
  await visit.go(page, "/country/XA");
  await page.locator(`${BARS} .mark-rect path`).first().hover();
  const tip = await page.locator(".tip").innerText();
  visit.must(/judgements \(n\): \d+/.test(tip) && tip.includes("networks: "), `a bar does not say its figures: ${tip}`);
  await page.locator("#days ~ .chart .live .mark-symbol path").first().hover();
  const day = await page.locator(".tip").innerText();
  visit.must(/day \(UTC\): 2024-03-0\d/.test(day) && /say something \(n\): \d+/.test(day), `a mark does not say its figures: ${day}`);
}

async function ways(visit, page) {
  await visit.go(page, "/country/XA");
  await page.locator(`${BARS} .mark-rect path`).first().click();
  await page.waitForURL("**/measurements?**mechanism=**");
  await visit.go(page, "/country/XA");
  await page.locator("#networks-days ~ .chart .live .mark-symbol path").first().click();
  await page.waitForURL((url) => url.pathname.startsWith("/network/") && url.searchParams.get("from") === url.searchParams.get("to"));
  visit.must(/^2024-03-0\d$/.test(new URL(page.url()).searchParams.get("from")), `a mark leads to ${page.url()}`);
  await visit.go(page, "/");
  await page.locator(".tiles a").first().click();
  await page.waitForURL("**/country/X*");
}

// From the list to an event, and from its drawings to the measurements of a day, of one finding, of one network.
async function events(visit, page) {
  await visit.go(page, "/events");
  const bar = page.locator("#events ~ .chart .live .mark-rect path").first();
  await bar.hover();
  const tip = await page.locator(".tip").innerText();
  visit.must(/event: X[AB]-/.test(tip) && /hit \(n\): \d+ of \d+/.test(tip) && /began by \(UTC\): 2024-03-0\d \d\d:00/.test(tip), `a bar does not say its event: ${tip}`);
  await bar.click();
  await page.waitForURL("**/event/**");
  const event = new URL(page.url()).pathname;
  await visit.go(page, event);
  // The parts of columns, after the stretch in which it began.
  const part = page.locator("#course ~ .chart .live .mark-rect").last().locator("path").last();
  await part.hover();
  const column = await page.locator(".tip").innerText();
  visit.must(/from \(UTC\): 2024-03-0\d \d\d:00/.test(column) && /of them \(n\): \d+/.test(column) && /say something \(n\): \d+/.test(column), `a column does not say its figures: ${column}`);
  await part.click();
  await page.waitForURL((url) => url.pathname === "/measurements" && /^2024-03-0\d$/.test(url.searchParams.get("from")) && url.searchParams.get("to") >= url.searchParams.get("from"));
  await visit.go(page, event);
  const cell = page.locator("#grid ~ .chart .live .mark-symbol path").first();
  await cell.hover();
  const hours = await page.locator(".tip").innerText();
  visit.must(/what: \* AS\d+/.test(hours) && /find interference \(n\): \d+/.test(hours), `a mark of the grid does not say its figures: ${hours}`);
  await cell.click();
  await page.waitForURL((url) => url.pathname === "/measurements" && url.searchParams.has("asn") && url.searchParams.has("from"));
}

async function colours(visit, page) {
  await visit.go(page, "/country/XA");
  const bar = page.locator(`${BARS} .mark-rect path`).first();
  const fill = () => bar.evaluate((path) => getComputedStyle(path).fill);
  const light = await fill();
  await page.emulateMedia({ colorScheme: "dark" });
  await page.waitForFunction((before) => getComputedStyle(document.querySelector("#mechanisms ~ .chart .live .mark-rect path")).fill !== before, light);
  await page.emulateMedia({ colorScheme: "light" });
}

async function paper(visit, page) {
  await visit.go(page, "/country/XA");
  await page.emulateMedia({ media: "print" });
  for (const still of await page.locator(".chart .still").all()) visit.must(await still.isVisible(), "a drawing is missing on paper");
  for (const live of await page.locator(".live, .tools").all()) visit.must(!(await live.isVisible()), "what only a screen can do is on paper");
  await page.emulateMedia({ media: "screen" });
}

// A chart that is wider than a phone is scrolled, and one that fits is made to fit.
async function phone(visit, page) {
  await page.setViewportSize({ width: 360, height: 800 });
  await visit.go(page, "/query?sql=SELECT%20state,%20count(*)%20AS%20n%20FROM%20judgements%20GROUP%20BY%20state");
  const width = await page.locator(".live svg").evaluate((svg) => svg.getBoundingClientRect().width);
  visit.must(width > 200 && width <= 360, `the chart of a query is ${width} px wide on a phone`);
  await page.setViewportSize({ width: 1440, height: 900 });
}
