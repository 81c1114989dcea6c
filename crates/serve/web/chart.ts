// One chart: the specification of the page, drawn beside the server's drawing, which stays for paper.

import { type Item, View, parse } from "vega";
import { expressionInterpreter } from "vega-interpreter";
import { compile } from "vega-lite";
import { type Spec, onPage, rows } from "./spec";
import { tooltip } from "./tooltip";
import { tools } from "./tools";

const DARK = window.matchMedia("(prefers-color-scheme: dark)");

// A view of a specification. Expressions are walked and never compiled to code: the page's policy forbids it.
export function view(spec: Spec): View {
  const { spec: runtime } = compile(rows(spec) as never);
  return new View(parse(runtime, undefined, { ast: true }), { expr: expressionInterpreter, renderer: "none" });
}

export async function draw(element: HTMLElement): Promise<void> {
  const text = element.querySelector<HTMLTemplateElement>("template.spec")?.content.textContent;
  if (!text) return;
  const spec = JSON.parse(text) as Spec;
  // The map stays the server's: its countries are links.
  if (!element.classList.contains("stays")) await replace(element, spec);
  element.append(tools(spec, text));
  element.dataset.drawn = "yes";
}

async function replace(element: HTMLElement, spec: Spec): Promise<void> {
  const still = element.querySelector(".still");
  const live = document.createElement("div");
  live.className = "wide live";
  live.tabIndex = 0;
  live.setAttribute("role", "region");
  live.setAttribute("aria-label", spec.title.text);
  const picture = document.createElement("div");
  picture.setAttribute("role", "img");
  picture.setAttribute("aria-label", `${spec.title.text}; the table below says the same`);
  live.append(picture);
  element.prepend(live);
  try {
    await show(spec, picture, element);
  } catch (error) {
    // The server's drawing stays.
    live.remove();
    throw error;
  }
  still?.classList.add("replaced");
  DARK.addEventListener("change", () => void show(spec, picture, element));
  if (spec.usermeta.parallax.fits) watchWidth(() => void show(spec, picture, element));
}

const shown = new WeakMap<HTMLElement, View>();

async function show(spec: Spec, picture: HTMLElement, element: HTMLElement): Promise<void> {
  const next = view(onPage(spec, element));
  next.renderer("svg").tooltip(tooltip).hover();
  const { pages, field } = spec.usermeta.parallax;
  if (Object.keys(pages).length > 0) next.addEventListener("click", (_, item) => follow(item, pages, field));
  shown.get(picture)?.finalize();
  shown.set(picture, next);
  await next.initialize(picture).runAsync();
}

// Goes to the page of a mark, for the mark's day or days where it has some.
function follow(item: Item | null | undefined, pages: Record<string, string>, field: string): void {
  const datum = item?.datum as Record<string, unknown> | undefined;
  const page = datum && pages[String(datum[field] ?? "")];
  if (!page?.startsWith("/")) return;
  const address = new URL(page, location.origin);
  if (address.origin !== location.origin) return;
  if (typeof datum?.day === "string") {
    address.searchParams.set("from", datum.day);
    address.searchParams.set("to", typeof datum.last_day === "string" ? datum.last_day : datum.day);
  }
  location.assign(address);
}

function watchWidth(redraw: () => void): void {
  let width = window.innerWidth;
  let waiting = 0;
  window.addEventListener("resize", () => {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(() => {
      if (window.innerWidth === width) return;
      width = window.innerWidth;
      redraw();
    }, 200);
  });
}
