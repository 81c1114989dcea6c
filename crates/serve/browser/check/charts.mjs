// Charts do what they promise: they say their figures, lead to what is behind them, follow the reader's colours, and leave paper to the
// server's drawing.

export async function charts(visit) {
  const page = await visit.page({ colorScheme: "light" });
  for (const check of [tips, ways, colours, paper, phone]) await check(visit, page);
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
