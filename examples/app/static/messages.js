import { button, byId, digits, listItem, showList, write } from "./elements.js";
import { subscribe } from "./push.js";
import { call, on, say, timeText } from "./talk.js";

const note = byId("messages-message");

// The phone number to confirm.
let confirming = null;

/** Sets up the section of phones and browsers. Returns the function to show them. */
export function messages(refresh) {
  on(byId("add-phone"), "submit", note, async () => {
    const added = await call("POST", "demo/phones", { number: byId("phone-number").value });
    byId("phone-number").value = "";
    say(note, added.message);
    askForCode(added.id);
    await refresh();
  });

  on(byId("confirm-phone"), "submit", note, async () => {
    byId("phone-code").select();
    const done = await call("POST", `demo/endpoints/${confirming}`, { code: digits(byId("phone-code")) });
    endConfirming();
    say(note, done.message, "good");
    await refresh();
  });

  byId("cancel-phone").addEventListener("click", endConfirming);

  on(byId("add-browser"), "click", note, async () => {
    const { key } = await call("GET", "demo/push");
    const subscription = await subscribe(key);
    const done = await call("POST", "demo/push", subscription);
    say(note, done.message, "good");
    await refresh();
  });

  const make = (view) => endpointItem(view, refresh);
  return (views) => {
    showList(byId("endpoints"), byId("no-endpoints"), views, make, fillEndpoint);
    byId("ask-by-message").hidden = !views.some((view) => view.state === "ready");
  };
}

function askForCode(id) {
  confirming = id;
  byId("confirm-phone").hidden = false;
  byId("phone-code").value = "";
  byId("phone-code").focus({ preventScroll: true });
}

function endConfirming() {
  confirming = null;
  byId("confirm-phone").hidden = true;
}

function endpointItem(view, refresh) {
  const confirm = button("quiet confirm", "Enter a code");
  confirm.addEventListener("click", () => askForCode(view.id));
  const remove = button("quiet remove", "Remove");
  on(remove, "click", note, async () => {
    const done = await call("DELETE", `demo/endpoints/${view.id}`);
    if (confirming === view.id) endConfirming();
    say(note, done.message);
    await refresh();
  });
  return listItem(confirm, remove);
}

function fillEndpoint(item, view) {
  write(item, ".name", view.name);
  write(item, ".state", view.text);
  write(item, ".when", `added ${timeText(view.created)}`);
  item.querySelector(".confirm").hidden = view.state !== "pending" || view.id === confirming;
  item.querySelector(".remove").setAttribute("aria-label", `Remove ${view.name}, added ${timeText(view.created)}`);
}
