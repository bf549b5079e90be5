// The push subscription of this browser: one per site, whoever is signed in.

import { call } from "./talk.js";

const PUSH_SERVICE_MILLIS = 10_000;

/** Returns a new push subscription as JSON. Throws an Error with a message for the user. */
export async function subscribe(key) {
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

/** Removes the subscription from the account and from the browser, before the user signs out. */
export async function unsubscribe() {
  const registration = await navigator.serviceWorker?.getRegistration();
  const subscription = await registration?.pushManager?.getSubscription();
  if (!subscription) return;
  try {
    await call("DELETE", "demo/push", { endpoint: subscription.endpoint });
  } finally {
    // Without the subscription the push service delivers nothing, whatever the server stores.
    await subscription.unsubscribe();
  }
}

/** Adds a timeout, since browsers may retry forever without a connection to their push service. */
function inTime(work) {
  const late = new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`no answer within ${PUSH_SERVICE_MILLIS / 1000} seconds`)), PUSH_SERVICE_MILLIS);
  });
  return Promise.race([work, late]);
}
