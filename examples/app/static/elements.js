// Helpers to find, create and fill elements.

export const byId = (id) => document.getElementById(id);

/** Returns the code in an input, without spaces and invisible characters. Apps group codes and add such characters to copies. */
export const digits = (input) =>
  input.value.replace(/[\s\u00ad\u180e\u200b-\u200f\u202a-\u202f\u2060-\u206f\ufeff]/g, "");

export function label(className) {
  const span = document.createElement("span");
  span.className = className;
  return span;
}

export function button(className, text) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = className;
  made.textContent = text;
  return made;
}

/** Creates a list item with a name, a state, a date and buttons. */
export function listItem(...buttons) {
  const item = document.createElement("li");
  const text = document.createElement("div");
  text.append(label("name"), label("state"), label("when"));
  const row = document.createElement("div");
  row.className = "buttons";
  row.append(...buttons);
  item.append(text, row);
  return item;
}

export function write(item, selector, text) {
  const place = item.querySelector(selector);
  if (place.textContent !== text) place.textContent = text;
}

export function showSvg(place, text) {
  const svg = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  place.replaceChildren(document.importNode(svg, true));
}

/** Updates a list. Reuses its items, so that a focused element keeps the focus. */
export function showList(list, empty, views, make, fill) {
  const items = new Map([...list.children].map((item) => [item.dataset.id, item]));
  let previous = null;
  for (const view of views) {
    const item = items.get(view.id) ?? make(view);
    items.delete(view.id);
    item.dataset.id = view.id;
    fill(item, view);
    const place = previous === null ? list.firstChild : previous.nextSibling;
    if (place !== item) list.insertBefore(item, place);
    previous = item;
  }
  for (const item of items.values()) item.remove();
  empty.hidden = views.length > 0;
}
