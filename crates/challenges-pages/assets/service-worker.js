// Shows push messages as notifications, and opens the link of a clicked notification.

const BROWSERS = new URL("account/browsers", self.location.href);

self.addEventListener("push", (event) => {
  const { title = self.location.hostname, body = "", tag, url } = read(event.data);
  const options = { body, tag, data: { url }, requireInteraction: true };
  event.waitUntil(self.registration.showNotification(title, options));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const url = ownAddress(event.notification.data?.url);
  if (url !== null) event.waitUntil(self.clients.openWindow(url));
});

// The browser or its push service has replaced the subscription, for example after the old one expired.
self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event)));

async function renew({ oldSubscription, newSubscription }) {
  if (!oldSubscription) return;
  // Some browsers leave it to the page to subscribe again.
  const subscription = newSubscription ?? (await self.registration.pushManager.subscribe(oldSubscription.options));
  // The old address shows that this browser receives the messages already, so no step-up is needed.
  const body = JSON.stringify({ subscription: subscription.toJSON(), replaces: oldSubscription.endpoint });
  const headers = { accept: "application/json", "content-type": "application/json" };
  const stored = await fetch(BROWSERS, { method: "POST", headers, body });
  // Nobody is signed in, so nobody may receive messages here.
  if (stored.status === 401 && (await stored.json()).error_code === "signed_out") await subscription.unsubscribe();
}

function read(data) {
  try {
    return data?.json() ?? {};
  } catch {
    return {};
  }
}

// A push message can contain any address. Open only the application's own.
function ownAddress(text) {
  try {
    const url = new URL(text);
    return url.origin === self.location.origin ? url.href : null;
  } catch {
    return null;
  }
}
