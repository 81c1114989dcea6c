// `/` puts the cursor into the search box, unless the reader is typing.

export function searchKey(): void {
  document.addEventListener("keydown", (event) => {
    const at = event.target;
    const types = at instanceof HTMLElement && (at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName));
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || types) return;
    const box = document.querySelector<HTMLInputElement>(".search input");
    if (!box) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
}
