// Makes the script bundle out of ../web: one file, the same bytes from the same packages, with the licences of what is in it beside it.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = dirname(fileURLToPath(import.meta.url));
const PACKAGES = ["vega", "vega-lite", "vega-interpreter", "d3-dsv"];

export default defineConfig({
  root: join(here, "../web"),
  publicDir: false,
  logLevel: "warn",
  // The packages lie beside this file, the sources do not.
  resolve: { alias: PACKAGES.map((name) => ({ find: new RegExp(`^${name}$`), replacement: join(here, "node_modules", name) })) },
  plugins: [licences()],
  build: {
    target: "es2022",
    outDir: process.env.BUNDLE_FOLDER ?? join(here, "../src/assets"),
    emptyOutDir: false,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2000,
    lib: { entry: join(here, "../web/main.ts"), formats: ["iife"], name: "parallax", fileName: () => "charts.js" },
  },
});

// Writes down whose work is in the bundle, and under which licence.
function licences() {
  return {
    name: "licences",
    generateBundle(_, bundle) {
      const folders = new Set();
      for (const chunk of Object.values(bundle)) {
        for (const module of Object.keys(chunk.modules ?? {})) {
          const found = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(module.replaceAll("\0", ""));
          if (found) folders.add(found[0]);
        }
      }
      const told = [...folders].map(licence).sort();
      this.emitFile({ type: "asset", fileName: "charts.licences.txt", source: INTRODUCTION + told.join("") });
    },
  };
}

const INTRODUCTION = `The outlines on the map (world.txt) are made from Natural Earth, which is in the public domain, as the package
world-atlas 2.0.2 (ISC, Copyright 2013-2019 Michael Bostock) packs it.

The script of pages with charts (charts.js) contains these packages, each under its own licence.
`;

function licence(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file));
  // Vega's packages share one licence file; those without one of their own name their licence.
  const text = file && existsSync(join(folder, file)) ? readFileSync(join(folder, file), "utf8").trim() : `Licence: ${license}`;
  return `\n${"-".repeat(72)}\n${name} ${version} (${license})\n\n${text}\n`;
}
