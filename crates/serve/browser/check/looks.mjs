// How every page looks: light and dark, on a phone and on a screen.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WIDTHS = [360, 1440];
const SCHEMES = ["light", "dark"];
const QUERY = "/query?sql=SELECT%20date_trunc('day',%20measurement_start_time)%20AS%20day,%20state,%20count(*)%20AS%20n%20FROM%20judgements%20GROUP%20BY%201,%202%20ORDER%20BY%201,%202";
const QUIET = ["/nothing", "/query?sql=nonsense", "/network/unknown"];

export async function looks(visit) {
  QUIET.forEach((path) => visit.quiet.add(path));
  const scout = await visit.page();
  const measurement = await visit.firstLink(scout, "/measurements?state=interference", 'main a[href^="/measurement/"]');
  const target = await visit.firstLink(scout, "/", 'main a[href^="/target/"]');
  const event = await visit.firstLink(scout, "/events", 'main a[href^="/event/"]');
  const explained = await visit.firstLink(scout, "/events?state=explained", 'main a[href^="/event/"]');
  await scout.context().close();
  const paths = [
    "/events", "/events?state=all", "/events?cc=XB&kind=shutdown", "/events?since=2031-01-01", event, explained,
    "/", "/?from=2024-03-04&to=2024-03-04", "/country/XA", "/country/XB", "/network/64500", "/network/unknown", target, measurement,
    "/measurements", "/measurements?cc=XA&state=interference&layer=dns", "/measurements?from=2020-01-01&to=2020-01-01",
    "/rules", "/rules/dns/bogon_not_in_control", "/tables", "/tables/judgements", "/tables/states_by_network", "/data", "/help", "/query",
    `${QUERY}&colour=state`, `${QUERY}&mark=heat&x=day&y=state&colour=n`, "/query?sql=nonsense", "/search", "/search?q=harbour", "/nothing",
  ];
  // Two windows at once: a machine has two cores at least.
  for (const width of WIDTHS) {
    await Promise.all(SCHEMES.map(async (colorScheme) => {
      const page = await visit.page({ colorScheme, viewport: { width, height: 900 } });
      for (const path of paths) await look(visit, page, path, `${colorScheme}, ${width} px`);
      await page.context().close();
    }));
  }
  await uncut(visit, paths);
  await withoutScript(visit, paths);
}

// On a small screen no table is cut: its last column opens what is behind a line. Tables that are folded away may be wider.
async function uncut(visit, paths) {
  const page = await visit.page({ viewport: { width: 1280, height: 900 } });
  for (const path of paths.filter((path) => /^\/($|\?|country|network|target|event|measurements)/.test(path))) {
    await visit.go(page, path);
    const cut = await page.evaluate(() => {
      const tables = [...document.querySelectorAll(".wide")].filter((wide) => !wide.closest("details") && wide.querySelector(":scope > table"));
      return tables.filter((wide) => wide.scrollWidth > wide.clientWidth).map((wide) => wide.getAttribute("aria-labelledby"));
    });
    visit.must(cut.length === 0, `${path} cuts tables at 1280 px: ${cut}`);
  }
  await page.context().close();
}

async function look(visit, page, path, label) {
  await visit.go(page, path);
  const counts = await page.evaluate(() => {
    const count = (selector) => document.querySelectorAll(selector).length;
    document.querySelectorAll("details").forEach((one) => (one.open = true));
    const wider = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    return { scripts: count("script"), charts: count(".chart"), drawings: count(".live svg"), maps: count(".chart.stays"), headings: count("h1"), wider };
  });
  visit.must(counts.scripts === (counts.charts > 0 ? 1 : 0), `${path} has ${counts.scripts} scripts and ${counts.charts} charts`);
  visit.must(counts.drawings + counts.maps === counts.charts, `${path} has ${counts.charts} charts and ${counts.drawings} drawings`);
  visit.must(counts.headings === 1, `${path} has not one heading of the first rank`);
  visit.must(counts.wider <= 0, `${path} is ${counts.wider} px wider than the window (${label})`);
  const torn = await page.evaluate(tornWords, LONGEST);
  visit.must(torn.length === 0, `${path} tears words (${label}): ${torn.slice(0, 5)}`);
  // The debugger's own way into a page, which no policy stops.
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  for (const violation of found.violations) {
    visit.must(false, `axe ${violation.id} on ${path} (${label}): ${violation.help}: ${violation.nodes[0].html.slice(0, 200)}`);
  }
  visit.checks += found.passes.length;
}

// Letters of a word that may be longer than any column: digests.
const LONGEST = 40;

// Words that stand on two lines. They may break where a page says so and behind a hyphen, and only if they are too long for a column.
function tornWords(longest) {
  const torn = new Set();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode;
    if (text.parentElement.closest("svg, pre, textarea, select, template, .hidden")) continue;
    for (const word of text.data.matchAll(/[^\s\u00a0-]+/g)) {
      const range = document.createRange();
      range.setStart(text, word.index);
      range.setEnd(text, word.index + word[0].length);
      const lines = new Set([...range.getClientRects()].map((box) => Math.round(box.top)));
      if (lines.size > 1 && word[0].length < longest) torn.add(word[0]);
    }
  }
  return [...torn];
}

// Whoever runs no script sees the server's drawings and all tables.
async function withoutScript(visit, paths) {
  const page = await visit.page({ javaScriptEnabled: false });
  for (const path of paths.filter((path) => /^\/($|\?|country|network\/6|target|event\/|events$)/.test(path))) {
    await page.goto(visit.address + path);
    const stills = await page.locator(".chart .still svg").all();
    visit.must(stills.length >= (path === "/events" ? 1 : path.startsWith("/event/") ? 2 : 3), `${path} has ${stills.length} drawings without a script`);
    for (const still of stills) visit.must(await still.isVisible(), `${path} hides a drawing from whoever runs no script`);
  }
  await page.context().close();
}
