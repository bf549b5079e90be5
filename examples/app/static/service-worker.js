// Shows what the demo pushes, and opens its link when the notification is clicked.

const FALLBACK = { title: "Challenges demo", body: "You are asked to approve something." };

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

// Who can push can name any address; only the demo's own are opened.
function ownAddress(text) {
  try {
    const url = new URL(text);
    return url.origin === self.location.origin ? url.href : null;
  } catch {
    return null;
  }
}
