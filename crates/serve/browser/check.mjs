// Looks at every page in a real browser: node check.mjs ADDRESS FOLDER [PART…]
//
// Each page in light and dark, at the width of a phone and of a screen: no violation that axe finds, no error on the console (a breach of
// the page's own policy is one), no request to another host, nothing wider than the window, every chart drawn. Then what people do: search,
// filter, walk to a proof, ask, draw. Downloads are left in FOLDER with a list of them, for the Rust test to compare with queries.
import { charts } from "./check/charts.mjs";
import { deeds } from "./check/deeds.mjs";
import { downloads } from "./check/downloads.mjs";
import { looks } from "./check/looks.mjs";
import { end, start } from "./check/visit.mjs";

const [, , address, folder, ...chosen] = process.argv;
const visit = await start(address);
for (const part of [looks, deeds, charts, downloads].filter((part) => chosen.length === 0 || chosen.includes(part.name))) {
  const began = Date.now();
  await part(visit, folder).catch((error) => visit.must(false, `${part.name}: ${error.stack}`));
  console.log(`${part.name}: ${((Date.now() - began) / 1000).toFixed(1)} s`);
}
await end(visit);
