import { button, byId, label, listItem, showList, write } from "./elements.js";
import { messages } from "./messages.js";
import { passkeys } from "./passkeys.js";
import { call, on, say, timeText } from "./talk.js";
import { FOLLOW, checkBrowser, useCredential } from "./webauthn.js";

const POLL_MILLIS = 2000;

// The enrollment of the confirmation form, and the open step-up.
let enrollment = null;
let stepUp = null;

// Authenticator apps show codes with different grouping.
const digits = (input) => input.value.replace(/\s/g, "");

function showSvg(place, text) {
  const svg = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  place.replaceChildren(document.importNode(svg, true));
}

// Authenticator app

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

on(byId("enroll-totp"), "click", byId("totp-message"), async () => {
  const created = await call("POST", "demo/enrollments");
  showSvg(byId("totp-qr"), created.qr);
  byId("totp-key").textContent = created.key;
  byId("totp-open").href = created.uri;
  byId("totp-new").hidden = false;
  say(byId("totp-message"), "");
  askForCode(created.id);
  await refresh();
});

on(byId("confirm-totp"), "submit", byId("totp-message"), async () => {
  byId("totp-code").select();
  const done = await call("POST", `demo/enrollments/${enrollment}`, { code: digits(byId("totp-code")) });
  endSetup();
  say(byId("totp-message"), done.message, "good");
  await refresh();
});

on(byId("cancel-totp"), "click", byId("totp-message"), async () => {
  endSetup();
  await refresh();
});

function enrollmentItem(view) {
  const confirm = button("quiet", "Enter a code");
  confirm.addEventListener("click", () => {
    if (enrollment !== view.id) endSetup();
    byId("totp-new").hidden = byId("totp-key").textContent === "";
    askForCode(view.id);
    confirm.hidden = true;
  });
  const remove = button("quiet", "Remove");
  remove.setAttribute("aria-label", `Remove the authenticator app added at ${timeText(view.created)}`);
  on(remove, "click", byId("totp-message"), async () => {
    const done = await call("DELETE", `demo/enrollments/${view.id}`);
    if (enrollment === view.id) endSetup();
    say(byId("totp-message"), done.message);
    await refresh();
  });
  return listItem(confirm, remove);
}

function fillEnrollment(item, view) {
  write(item, ".name", "Authenticator app");
  write(item, ".state", view.text);
  write(item, ".when", `added ${timeText(view.created)}`);
  item.querySelector("button").hidden = view.state !== "pending" || view.id === enrollment;
}

// Step-up

on(byId("step-up"), "click", byId("message"), async () => {
  const created = await call("POST", "demo/step-ups");
  say(byId("message"), created.message, created.issued ? "" : "bad");
  await refresh();
  if (!created.issued) return;
  byId(byId("answer-totp").hidden ? "use-passkey" : "step-up-code").focus({ preventScroll: true });
});

on(byId("answer-totp"), "submit", byId("message"), async () => {
  byId("step-up-code").select();
  try {
    const done = await call("POST", `demo/step-ups/${stepUp}`, { code: digits(byId("step-up-code")) });
    say(byId("message"), done.message, "good");
  } finally {
    await refresh();
  }
});

on(byId("use-passkey"), "click", byId("message"), async () => {
  checkBrowser();
  const path = `demo/step-ups/${stepUp}/passkey`;
  try {
    const options = await call("GET", path);
    say(byId("message"), FOLLOW);
    const done = await call("POST", path, await useCredential(options, byId("stop-using")));
    say(byId("message"), done.message, "good");
  } finally {
    await refresh();
  }
});

// Shows the form for the newest open step-up, also after a reload.
function showStepUp(challenges) {
  const offers = (view, type) => view?.types.includes(type) ?? false;
  const waits = (view) => view.state === "issued" && (offers(view, "totp") || offers(view, "webauthn"));
  const open = challenges.find(waits);
  if (stepUp !== (open?.id ?? null)) byId("step-up-code").value = "";
  stepUp = open?.id ?? null;
  byId("answer").hidden = stepUp === null;
  byId("answer-totp").hidden = !offers(open, "totp");
  byId("answer-passkey").hidden = !offers(open, "webauthn");
}

// Approval

on(byId("ask-approval"), "submit", byId("approval-message"), async () => {
  const created = await call("POST", "demo/approvals", { about: byId("approval-about").value });
  byId("answer-link").href = created.link;
  byId("answer-qr").hidden = created.qr === undefined;
  if (created.qr !== undefined) showSvg(byId("answer-qr"), created.qr);
  byId("approval").hidden = false;
  byId("approval-number").hidden = true;
  say(byId("approval-message"), created.message);
  await refresh();
});

on(byId("ask-by-message"), "click", byId("approval-message"), async () => {
  const created = await call("POST", "demo/messages", { about: byId("approval-about").value });
  byId("approval").hidden = true;
  byId("approval-number").hidden = created.number === undefined;
  write(byId("approval-number"), "strong", created.number ?? "");
  say(byId("approval-message"), created.message);
  await refresh();
});

// Challenges

function challengeItem() {
  const item = document.createElement("li");
  const text = document.createElement("div");
  text.append(label("name"), label("when"));
  item.append(text, label("state"));
  return item;
}

function fillChallenge(item, view, now) {
  write(item, ".name", view.kind_text);
  write(item, ".state", view.text);
  write(item, ".when", `asked ${timeText(view.created)}${ending(view, now)}`);
  const before = item.dataset.state;
  item.dataset.state = view.state;
  if (before && before !== view.state) say(byId("changes"), `${view.kind_text}: ${view.text}`);
}

function ending(view, now) {
  if (view.answered !== undefined) return `, answered ${timeText(view.answered)}`;
  if (view.state !== "issued" && view.state !== "pending") return "";
  const seconds = Math.max(0, Math.round((view.expires - now) / 1000));
  return `, ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} left`;
}

// Updates

const showPasskeys = passkeys(refresh);
const showEndpoints = messages(refresh);

async function refresh() {
  const state = await call("GET", "demo/state");
  showList(byId("enrollments"), byId("no-enrollments"), state.enrollments, enrollmentItem, fillEnrollment);
  showPasskeys(state.passkeys);
  showEndpoints(state.endpoints);
  const fill = (item, view) => fillChallenge(item, view, state.now);
  showList(byId("challenges"), byId("no-challenges"), state.challenges, challengeItem, fill);
  showStepUp(state.challenges);
}

async function poll() {
  if (document.visibilityState === "visible") {
    try {
      await refresh();
      if (byId("connection").textContent !== "") say(byId("connection"), "");
    } catch (problem) {
      if (byId("connection").textContent !== problem.message) say(byId("connection"), problem.message, "bad");
    }
  }
  setTimeout(poll, POLL_MILLIS);
}

on(byId("sign-out"), "click", byId("connection"), async () => {
  await call("POST", "demo/sign-out");
  location.reload();
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") refresh().catch(() => {});
});
poll();
