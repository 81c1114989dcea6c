// The chart as files: a picture, its data, and its specification. All are made here; nothing is asked for.

import { view } from "./chart";
import type { Spec } from "./spec";

// Pixels of a picture for each of the drawing.
const SHARP = 2;

type Make = () => Promise<Blob>;

export function tools(spec: Spec, text: string): HTMLElement {
  const files: [string, string, string, Make][] = [
    ["SVG", "svg", "picture that can be scaled", async () => new Blob([await svg(spec)], { type: "image/svg+xml" })],
    ["PNG", "png", "picture", () => png(spec)],
    ["CSV", "csv", "data", async () => new Blob([String(spec.data.values)], { type: "text/csv" })],
    ["Vega-Lite", "vl.json", "specification", async () => new Blob([text + "\n"], { type: "application/json" })],
  ];
  const line = document.createElement("p");
  line.className = "tools";
  line.append("This chart as ");
  for (const [name, ending, what, make] of files) line.append(button(name, what, `${spec.usermeta.parallax.file}.${ending}`, make), " ");
  const { pages, opens } = spec.usermeta.parallax;
  if (Object.keys(pages).length > 0) line.append(`A click on a mark opens ${opens}.`);
  return line;
}

function button(name: string, what: string, file: string, make: Make): HTMLElement {
  const element = document.createElement("button");
  element.type = "button";
  element.textContent = name;
  element.title = `${what}: ${file}`;
  element.addEventListener("click", async () => save(await make(), file));
  return element;
}

function save(content: Blob, file: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = file;
  link.click();
  // The download has begun by then, or never will.
  window.setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

async function svg(spec: Spec): Promise<string> {
  const drawn = view(spec);
  try {
    return await drawn.toSVG();
  } finally {
    drawn.finalize();
  }
}

async function png(spec: Spec): Promise<Blob> {
  const drawn = view(spec);
  try {
    const canvas = await drawn.toCanvas(SHARP);
    return await new Promise((done, fail) => canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error("no picture"))), "image/png"));
  } finally {
    drawn.finalize();
  }
}
