// Shows push messages as notifications and opens the link of a clicked notification.

const FALLBACK = { title: "Challenges demo", body: "A request waits for your approval." };

self.addEventListener("push", (event) => {
  const message = { ...FALLBACK, ...read(event.data) };
  const options = { body: message.body, tag: message.tag, data: { url: message.url }, requireInteraction: true };
  event.waitUntil(self.registration.showNotification(message.title, options));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const url = ownAddress(event.notification.data?.url);
  if (url !== null) event.waitUntil(self.clients.openWindow(url));
});

// The browser or its push service has replaced the subscription, for example after the old one expired.
self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event)));

async function renew({ oldSubscription, newSubscription }) {
  const subscription = newSubscription ?? (await subscribeAgain());
  if (subscription === null) return;
  // The old address shows that this browser receives the messages already, so no step-up is needed.
  const stored = await send("POST", { ...subscription.toJSON(), replaces: oldSubscription?.endpoint });
  // Nobody is signed in, so nobody may receive messages here.
  if (stored.status === 401) await subscription.unsubscribe();
}

async function subscribeAgain() {
  const response = await fetch("demo/push", { cache: "no-store" });
  if (!response.ok) return null;
  const { key } = await response.json();
  return self.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}

function send(method, body) {
  const headers = { "content-type": "application/json" };
  return fetch("demo/push", { method, headers, body: JSON.stringify(body) });
}

function read(data) {
  try {
    return data?.json() ?? {};
  } catch {
    return {};
  }
}

// A push message can contain any address. Open only the demo's own.
function ownAddress(text) {
  try {
    const url = new URL(text);
    return url.origin === self.location.origin ? url.href : null;
  } catch {
    return null;
  }
}
