// Every file that can be had: charts are opened here; rows are left for the Rust test, which asks the engine the same.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { View, parse } from "vega";
import { compile } from "vega-lite";

const QUERY = "/query?sql=SELECT%20state,%20count(*)%20AS%20n%20FROM%20judgements%20GROUP%20BY%20state%20ORDER%20BY%20state";

// Chromium takes no more than ten downloads of a page in a second.
const BREATH = 120;

export async function downloads(visit, folder) {
  const page = await visit.page({ acceptDownloads: true });
  const saved = [];
  for (const path of ["/", "/country/XA?from=2024-03-05", "/network/64500", "/target/www.harbour-news.example?cc=XA", "/measurements?cc=XB&state=interference&layer=http", QUERY]) {
    await visit.go(page, path);
    await rows(visit, page, folder, saved);
    for (const chart of await page.locator(".chart").all()) await pictures(visit, page, chart, path);
  }
  await events(visit, page);
  writeFileSync(join(folder, "downloads.json"), JSON.stringify(saved));
  await page.context().close();
}

// The drawings of the list and of every event, whatever its state.
async function events(visit, page) {
  await visit.go(page, "/events?state=all");
  const found = await page.locator('main th a[href^="/event/"]').all();
  const paths = await Promise.all(found.map((link) => link.getAttribute("href")));
  visit.must(paths.length >= 5, `the list has ${paths.length} events`);
  for (const path of ["/events?state=all", ...paths]) {
    await visit.go(page, path);
    const charts = await page.locator(".chart").all();
    visit.must(charts.length >= (path.startsWith("/events") ? 1 : 2), `${path} has ${charts.length} charts`);
    for (const chart of charts) await pictures(visit, page, chart, path);
  }
}

async function rows(visit, page, folder, saved) {
  const links = await page.locator('main a[href^="/download/"]').all();
  visit.must(links.length >= 3, `${page.url()} offers ${links.length} files`);
  for (const link of links) {
    const address = await link.getAttribute("href");
    const [file] = await Promise.all([page.waitForEvent("download"), link.click()]);
    const name = `${saved.length}-${file.suggestedFilename()}`;
    await file.saveAs(join(folder, name));
    saved.push({ address, file: name });
  }
}

async function pictures(visit, page, chart, path) {
  const spec = JSON.parse(await chart.locator("template.spec").evaluate((template) => template.content.textContent));
  const take = async (button) => {
    await page.waitForTimeout(BREATH);
    const [file] = await Promise.all([page.waitForEvent("download"), chart.getByRole("button", { name: button, exact: true }).click()]);
    visit.must(file.suggestedFilename().startsWith(spec.usermeta.parallax.file), `${path}: ${button} is called ${file.suggestedFilename()}`);
    return readFileSync(await file.path());
  };
  const [svg, png, csv, kept] = [await take("SVG"), await take("PNG"), await take("CSV"), await take("Vega-Lite")];
  const read = await page.evaluate((text) => {
    const root = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
    const pixels = [root.getAttribute("width"), root.getAttribute("height")].map(Number);
    return { name: root.nodeName, marks: root.querySelectorAll("path").length, text: root.textContent, pixels, acts: root.querySelectorAll("script,foreignObject").length };
  }, svg.toString());
  visit.must(read.name === "svg" && read.marks > 0 && read.acts === 0, `${path}: ${spec.title.text} is no picture as SVG`);
  visit.must(read.text.includes(spec.title.text) && spec.title.subtitle.every((line) => read.text.includes(line)), `${path}: the SVG does not say what it shows`);
  const size = [png.readUInt32BE(16), png.readUInt32BE(20)];
  visit.must(png.subarray(1, 4).toString() === "PNG" && size.every((length, index) => Math.abs(length - 2 * read.pixels[index]) <= 2), `${path}: the PNG is ${size}, the SVG ${read.pixels}`);
  visit.must(csv.toString() === spec.data.values, `${path}: the CSV of ${spec.title.text} is not its data`);
  await elsewhere(visit, JSON.parse(kept.toString()), spec, path);
}

// The specification alone, drawn by Vega as it comes, with its own reader of CSV: what an editor does with it.
async function elsewhere(visit, kept, spec, path) {
  visit.must(JSON.stringify(kept) === JSON.stringify(spec), `${path}: the specification is not the page's`);
  const warnings = [];
  const logger = { level: () => logger, error: (...all) => warnings.push(all.join(" ")), warn: (...all) => warnings.push(all.join(" ")), info: () => logger, debug: () => logger };
  const runtime = compile(kept, { logger }).spec;
  const svg = await new View(parse(runtime), { renderer: "none", logger }).toSVG();
  visit.must(svg.includes("</svg>") && svg.includes("path"), `${path}: ${spec.title.text} is nothing elsewhere`);
  visit.must(warnings.length === 0, `${path}: ${spec.title.text} is drawn with a warning: ${warnings[0]}`);
}
