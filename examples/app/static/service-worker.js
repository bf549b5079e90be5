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
