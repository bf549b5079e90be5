import { button, byId, digits, listItem, showList, showSvg, write } from "./elements.js";
import { call, on, say, timeText } from "./talk.js";

const message = byId("totp-message");

// The enrollment of the confirmation form.
let enrollment = null;

/** Sets up the section of authenticator apps. Returns the function to show them. */
export function authenticators(refresh) {
  on(byId("enroll-totp"), "click", message, async () => {
    const created = await call("POST", "demo/enrollments");
    showSvg(byId("totp-qr"), created.qr);
    byId("totp-key").textContent = created.key;
    byId("totp-open").href = created.uri;
    byId("totp-new").hidden = false;
    say(message, "");
    askForCode(created.id);
    await refresh();
  });

  on(byId("confirm-totp"), "submit", message, async () => {
    byId("totp-code").select();
    const done = await call("POST", `demo/enrollments/${enrollment}`, { code: digits(byId("totp-code")) });
    endSetup();
    say(message, done.message, "good");
    await refresh();
  });

  on(byId("cancel-totp"), "click", message, async () => {
    endSetup();
    await refresh();
  });

  const make = (view) => enrollmentItem(view, refresh);
  return (views) => showList(byId("enrollments"), byId("no-enrollments"), views, make, fillEnrollment);
}

function askForCode(id) {
  enrollment = id;
  byId("totp-setup").hidden = false;
  byId("totp-code").value = "";
  byId("totp-code").focus({ preventScroll: true });
}

function endSetup() {
  enrollment = null;
  byId("totp-setup").hidden = true;
  byId("totp-key").textContent = "";
  byId("totp-qr").replaceChildren();
  byId("totp-open").removeAttribute("href");
}

function enrollmentItem(view, refresh) {
  const confirm = button("quiet", "Enter a code");
  confirm.addEventListener("click", () => {
    if (enrollment !== view.id) endSetup();
    byId("totp-new").hidden = byId("totp-key").textContent === "";
    askForCode(view.id);
    confirm.hidden = true;
  });
  const remove = button("quiet", "Remove");
  remove.setAttribute("aria-label", `Remove the authenticator app added at ${timeText(view.created)}`);
  on(remove, "click", message, async () => {
    const done = await call("DELETE", `demo/enrollments/${view.id}`);
    if (enrollment === view.id) endSetup();
    say(message, done.message);
    await refresh();
  });
  return listItem(confirm, remove);
}

function fillEnrollment(item, view) {
  write(item, ".name", "Authenticator app");
  write(item, ".state", view.text);
  write(item, ".when", `added ${timeText(view.created)}`);
  item.querySelector("button").hidden = view.completed || view.id === enrollment;
}
