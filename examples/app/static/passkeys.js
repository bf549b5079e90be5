import { button, byId, listItem, showList, write } from "./elements.js";
import { call, on, say, timeText } from "./talk.js";
import { FOLLOW, checkBrowser, makeCredential } from "./webauthn.js";

const message = byId("passkey-message");

// The passkey in creation, and the passkey of the name form.
let creating = null;
let named = null;

/** Sets up the section of passkeys, if the page has one. Returns the function to show them. */
export function passkeys(refresh) {
  if (byId("add-passkey") === null) return () => {};

  on(byId("add-passkey"), "click", message, async () => {
    checkBrowser();
    endNaming();
    const { id, options } = await call("POST", "demo/passkeys");
    creating = id;
    try {
      say(message, FOLLOW);
      const credential = await makeCredential(options, byId("stop-adding"));
      const added = await call("POST", `demo/passkeys/${id}`, credential);
      say(message, added.message, "good");
      askForName(added.passkey);
    } catch (problem) {
      // A pending enrollment counts towards the limit and stays in the list until it expires.
      await call("DELETE", `demo/passkeys/${id}`).catch(() => {});
      throw problem;
    } finally {
      creating = null;
      await refresh();
    }
  });

  on(byId("name-passkey"), "submit", message, async () => {
    const done = await call("PUT", `demo/passkeys/${named}`, { name: byId("passkey-name").value });
    endNaming();
    say(message, done.message, "good");
    await refresh();
  });

  byId("cancel-name").addEventListener("click", endNaming);

  const make = (view) => passkeyItem(view, refresh);
  return (views) => {
    const shown = views.filter((view) => view.id !== creating);
    showList(byId("passkeys"), byId("no-passkeys"), shown, make, fillPasskey);
  };
}

function askForName(view) {
  named = view.id;
  byId("name-passkey").hidden = false;
  byId("passkey-name").value = view.name;
  byId("passkey-name").focus({ preventScroll: true });
  byId("passkey-name").select();
}

function endNaming() {
  named = null;
  byId("name-passkey").hidden = true;
}

function passkeyItem(view, refresh) {
  const rename = button("quiet rename", "Rename");
  rename.addEventListener("click", () => askForName({ id: view.id, name: item.querySelector(".name").textContent }));
  const remove = button("quiet remove", "Remove");
  on(remove, "click", message, async () => {
    const done = await call("DELETE", `demo/passkeys/${view.id}`);
    if (named === view.id) endNaming();
    say(message, done.message);
    await refresh();
  });
  const item = listItem(rename, remove);
  return item;
}

function fillPasskey(item, view) {
  write(item, ".name", view.name);
  write(item, ".state", view.text);
  write(item, ".when", `added ${timeText(view.created)}, last changed ${timeText(view.updated)}`);
  item.querySelector(".rename").hidden = !view.completed;
  for (const [selector, verb] of [[".rename", "Rename"], [".remove", "Remove"]]) {
    item.querySelector(selector).setAttribute("aria-label", `${verb} ${view.name}, added ${timeText(view.created)}`);
  }
}
