// Specifications: how the server writes them, and what is changed before one is drawn.

import { csvParseRows } from "d3-dsv";

export interface Spec {
  title: { text: string; subtitle: string[] };
  data: { values: unknown; format: { type: string; parse: Record<string, string> } };
  config: Record<string, unknown>;
  usermeta: { parallax: { file: string; colours: Record<string, string>; field: string; pages: Record<string, string>; opens: string; fits?: boolean } };
  width: unknown;
  [other: string]: unknown;
}

// The data as rows. Vega's own reader of CSV makes code of the header, which the page's policy forbids.
export function rows(spec: Spec): Spec {
  const { values, format } = spec.data;
  if (typeof values !== "string") return spec;
  const [names = [], ...lines] = csvParseRows(values);
  const objects = lines.map((line) => Object.fromEntries(names.map((name, index) => [name, line[index]])));
  return { ...spec, data: { values: objects, format: { ...format, type: "json" } } };
}

// As it stands on a page: in the page's colours, without the title and the legend, which the page has itself.
export function onPage(spec: Spec, element: HTMLElement): Spec {
  const { colours, fits } = spec.usermeta.parallax;
  const style = getComputedStyle(document.documentElement);
  const colour = new Map(Object.entries(colours).map(([light, property]) => [light, style.getPropertyValue(property).trim() || light]));
  const { title: _, ...rest } = recoloured(spec, colour) as Spec;
  const room = Math.max(240, Math.min(900, element.clientWidth - 4));
  const width = fits ? { width: room, autosize: { type: "fit", contains: "padding" } } : {};
  if (element.clientWidth < NARROW) shorten(rest);
  const plain = fits ? rest : { ...(withoutLegends(rest) as Spec), config: rest.config };
  return { ...plain, ...width } as unknown as Spec;
}

// Below this width labels take less of it, in pixels.
const NARROW = 600;
const LABELS = 110;

function shorten(value: unknown): void {
  if (value === null || typeof value !== "object") return;
  const object = value as Record<string, unknown>;
  for (const name of ["labelPadding", "minExtent", "maxExtent"]) if (typeof object[name] === "number") object[name] = LABELS;
  if (typeof object.labelLimit === "number") object.labelLimit = LABELS - 8;
  Object.values(object).forEach(shorten);
}

// The page says once, in words of its own, what the colours mean.
function withoutLegends(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutLegends);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, name === "legend" ? null : withoutLegends(one)]));
}

function recoloured(value: unknown, colour: Map<string, string>): unknown {
  if (typeof value === "string") return colour.get(value) ?? value;
  if (Array.isArray(value)) return value.map((one) => recoloured(one, colour));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, recoloured(one, colour)]));
}
