// What a mark says, beside the pointer. Vega's own would bring a style of its own into the page.

const box = document.createElement("div");
box.className = "tip";
box.setAttribute("aria-hidden", "true");
box.hidden = true;

export function tooltip(_: unknown, event: MouseEvent, __: unknown, value: unknown): void {
  if (value === null || value === undefined || value === "" || typeof value !== "object") {
    box.hidden = true;
    return;
  }
  const said = Object.entries(value).filter(([, one]) => is(one));
  box.replaceChildren(...said.map(([name, one]) => line(name, text(one))));
  if (!box.isConnected) document.body.append(box);
  box.hidden = false;
  const { clientX, clientY } = event;
  const left = Math.min(clientX + 14, window.innerWidth - box.offsetWidth - 8);
  const top = clientY + 18 + box.offsetHeight > window.innerHeight ? clientY - box.offsetHeight - 10 : clientY + 18;
  box.style.left = `${Math.max(4, left)}px`;
  box.style.top = `${Math.max(4, top)}px`;
}

// Vega writes what is missing as words.
function is(value: unknown): boolean {
  return value !== null && value !== undefined && value !== "" && !/^(undefined|null|NaN%?)$/.test(String(value));
}

function text(value: unknown): string {
  return value instanceof Date ? value.toISOString().replace(".000Z", "Z") : String(value);
}

function line(name: string, said: string): HTMLElement {
  const row = document.createElement("div");
  const label = document.createElement("span");
  label.textContent = `${name}: `;
  row.append(label, said);
  return row;
}
