// Finding, making and filling elements.

export const byId = (id) => document.getElementById(id);

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

/** An item that has a name, a state and a date, and these buttons beside them. */
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

/** Fills a list, and keeps its items, so that what has the focus keeps it. */
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
