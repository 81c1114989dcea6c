// Takes the pictures of the README: node screenshots.mjs ADDRESS FOLDER, where ADDRESS serves the demo archive.
import { join } from "node:path";
import { chromium } from "playwright-core";

const [, , address, folder] = process.argv;
const PICTURES = [
  { name: "overview", path: "/", scheme: "dark", width: 1100, height: 780 },
  { name: "country", path: "/country/XA", scheme: "light", width: 1400, height: 1000 },
  { name: "phone", path: "/country/XB", scheme: "light", width: 390, height: 1180 },
];

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
for (const { name, path, scheme, width, height } of PICTURES) {
  const page = await browser.newPage({ colorScheme: scheme, viewport: { width, height }, locale: "en-GB" });
  await page.goto(address + path);
  await page.waitForFunction(() => !document.querySelector(".chart:not([data-drawn])"));
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await page.close();
}
await browser.close();
