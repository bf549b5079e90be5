import { byId, digits, label, showList, showSvg, write } from "./elements.js";
import { messages } from "./messages.js";
import { passkeys } from "./passkeys.js";
import { unsubscribe } from "./push.js";
import { call, on, say, timeText } from "./talk.js";
import { authenticators } from "./totp.js";
import { FOLLOW, checkBrowser, useCredential } from "./webauthn.js";

const POLL_MILLIS = 2000;

// Step-up

// The id of the open challenge, or null.
let stepUp = null;

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

const showAuthenticators = authenticators(refresh);
const showPasskeys = passkeys(refresh);
const showEndpoints = messages(refresh);

async function refresh() {
  const state = await call("GET", "demo/state");
  showAuthenticators(state.enrollments);
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
  // The next user of this browser must not see the messages of this one. Sign out even if this fails.
  await unsubscribe().catch(() => {});
  await call("POST", "demo/sign-out");
  location.reload();
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") refresh().catch(() => {});
});
poll();
