import { button, byId, digits, listItem, showList, write } from "./elements.js";
import { call, on, say, timeText } from "./talk.js";

const PUSH_SERVICE_MILLIS = 10_000;

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

/** Returns a push subscription of this browser. Throws an Error with a message for the user. */
async function subscribe(key) {
  if (!window.isSecureContext) throw new Error("Push messages need https, or localhost. Open the demo at such an address.");
  if (!("serviceWorker" in navigator) || !("PushManager" in window)) {
    throw new Error("This browser does not support push messages. Please use another one.");
  }
  if ((await Notification.requestPermission()) !== "granted") {
    throw new Error("Your browser blocks notifications of this page. Allow them next to the address, then try again.");
  }
  await navigator.serviceWorker.register("service-worker.js");
  const { pushManager } = await navigator.serviceWorker.ready;
  // An older subscription may belong to another VAPID key.
  await (await pushManager.getSubscription())?.unsubscribe();
  try {
    const options = { userVisibleOnly: true, applicationServerKey: key };
    return (await inTime(pushManager.subscribe(options))).toJSON();
  } catch (error) {
    throw new Error(
      `Your browser could not register with its push service, which needs a connection to the internet (${error.message}).`,
    );
  }
}

/** Adds a timeout, since browsers may retry forever without a connection to their push service. */
function inTime(work) {
  const late = new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`no answer within ${PUSH_SERVICE_MILLIS / 1000} seconds`)), PUSH_SERVICE_MILLIS);
  });
  return Promise.race([work, late]);
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
