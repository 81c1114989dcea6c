// Makes ../src/assets/world.txt, the shapes of countries on the overview's map, from Natural Earth (public domain) as world-atlas
// packs it. One line a country: its code (ISO 3166-1), a point in it, and its outline as an SVG path, or `-` where it is too small to see.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(new URL("../browser/package.json", import.meta.url));
const { geoArea, geoEqualEarth, geoPath } = require("d3-geo");
const { feature } = require("topojson-client");
const countries = require("i18n-iso-countries");

const WIDTH = 960;
// Antarctica is left out: nobody measures there, and it would take a fifth of the map.
const LEFT_OUT = new Set(["AQ"]);
// Natural Earth gives no number to what no other standard numbers. Kosovo's letters are those that OONI and the EU use.
const BY_NAME = new Map([["Kosovo", "XK"], ["Somaliland", "SO"], ["N. Cyprus", "CY"], ["Siachen Glacier", "-"], ["Indian Ocean Ter.", "-"], ["Ashmore and Cartier Is.", "-"]]);

const read = (name) => {
  const atlas = JSON.parse(readFileSync(require.resolve(`world-atlas/${name}.json`), "utf8"));
  return feature(atlas, atlas.objects.countries).features;
};
const code = (land) => countries.numericToAlpha2(String(land.id ?? "").padStart(3, "0")) ?? BY_NAME.get(land.properties.name);

const [coarse, fine] = [read("countries-110m"), read("countries-50m")];
const drawn = { type: "FeatureCollection", features: coarse.filter((land) => !LEFT_OUT.has(code(land))) };
const projection = geoEqualEarth().fitWidth(WIDTH, drawn);
const path = geoPath(projection);
const height = Math.ceil(path.bounds(drawn)[1][1]);

// Outlines in tenths of a pixel, each point as the way from the one before it.
function outline(text) {
  const tenth = (number) => Math.round(Number(number) * 10);
  const short = (number) => String(number / 10).replace(/^(-?)0\./, "$1.");
  let written = "";
  for (const ring of text.split("Z").filter(Boolean)) {
    const points = ring.slice(1).split("L").map((point) => point.split(",").map(tenth));
    let [[x, y], steps] = [points[0], ""];
    for (const [nextX, nextY] of points.slice(1)) {
      if (nextX === x && nextY === y) continue;
      const [right, down] = [short(nextX - x), short(nextY - y)];
      steps += `${steps && !right.startsWith("-") ? " " : ""}${right}${down.startsWith("-") ? "" : " "}${down}`;
      [x, y] = [nextX, nextY];
    }
    if (steps.split(/[ -]/).length > 4) written += `M${short(points[0][0])} ${short(points[0][1])}l${steps}z`;
  }
  return written;
}

// The middle of the largest part, so that no point of a land lies in the sea between its islands.
function middle(land) {
  const parts = land.geometry.type === "MultiPolygon" ? land.geometry.coordinates : [land.geometry.coordinates];
  const polygons = parts.map((coordinates) => ({ type: "Polygon", coordinates }));
  const largest = polygons.reduce((one, other) => (geoArea(other) > geoArea(one) ? other : one));
  return path.centroid(largest).map((number) => number.toFixed(1));
}

const lands = new Map();
for (const land of fine) {
  const name = code(land);
  if (name === undefined) throw new Error(`no code for ${land.properties.name}`);
  if (name === "-" || LEFT_OUT.has(name) || lands.has(name)) continue;
  lands.set(name, { point: middle(land), path: "" });
}
for (const land of drawn.features) {
  const name = code(land);
  if (name === undefined) throw new Error(`no code for ${land.properties.name}`);
  const known = lands.get(name) ?? { point: middle(land), path: "" };
  lands.set(name, { ...known, path: known.path + outline(path(land)) });
}

const lines = [...lands].sort(([one], [other]) => (one < other ? -1 : 1)).map(([name, { point, path }]) => `${name} ${point.join(" ")} ${path.replaceAll(" ", ",") || "-"}`);
writeFileSync(new URL("../src/assets/world.txt", import.meta.url), `${WIDTH} ${height}\n${lines.join("\n")}\n`);
