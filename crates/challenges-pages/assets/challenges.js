// Passkeys, push messages and code fields for pages with multi-factor authentication.
//
// An ES module for the pages of challenges-pages, and for pages of a host's own. In the former it finds its work by data
// attributes; elsewhere nothing happens before a function is called. The types are in challenges.d.ts.

import { creationOptions, credentialJson, requestOptions } from "./webauthn-json.js";

const PUSH_SERVICE_MILLIS = 10_000;
const POLL_MILLIS = [2_000, 2_000, 3_000, 5_000];
const POLL_FAILURES = 20;
const INVISIBLE = /[\s\u00ad\u180e\u200b-\u200f\u202a-\u202f\u2060-\u206f\ufeff]/g;
// Zeros of the digits that phones and input methods type: Arabic-Indic, extended Arabic-Indic, fullwidth.
const ZEROS = [0x0660, 0x06f0, 0xff10];

const REASONS = {
  AbortError: "cancelled",
  ConstraintError: "unverified",
  InvalidStateError: "registered",
  NotAllowedError: "cancelled",
  NotSupportedError: "unsupported",
  SecurityError: "elsewhere",
};

/** A ceremony or subscription that failed in the browser. `reason` is a word for programs. */
export class BrowserError extends Error {
  constructor(reason, cause) {
    super(`${reason}: ${cause?.message ?? "not possible in this browser"}`, { cause });
    this.name = "BrowserError";
    this.reason = reason;
  }
}

/** Returns true if this browser can use passkeys on this page. */
export const canUsePasskeys = () => window.isSecureContext && window.PublicKeyCredential !== undefined;

/** Creates a passkey from the JSON options of the server. Returns the JSON response for the server. */
export function createPasskey(options, { signal } = {}) {
  return ceremony(() => navigator.credentials.create({ publicKey: creationOptions(options), signal }));
}

/** Uses a passkey by the JSON options of the server. Returns the JSON response for the server. */
export function getPasskey(options, { signal, mediation } = {}) {
  return ceremony(() => navigator.credentials.get({ publicKey: requestOptions(options), signal, mediation }));
}

async function ceremony(run) {
  if (!window.isSecureContext) throw new BrowserError("insecure");
  if (!canUsePasskeys()) throw new BrowserError("unsupported");
  try {
    return credentialJson(await run());
  } catch (error) {
    throw new BrowserError(REASONS[error.name] ?? "failed", error);
  }
}

/** Subscribes this browser to push messages. `key` is the VAPID public key, `worker` the address of the service worker. */
export async function subscribePush(key, worker) {
  if (!window.isSecureContext) throw new BrowserError("insecure");
  if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) {
    throw new BrowserError("unsupported");
  }
  if ((await Notification.requestPermission()) !== "granted") throw new BrowserError("blocked");
  try {
    const { pushManager } = await active(await navigator.serviceWorker.register(worker));
    // An older subscription may belong to another VAPID key.
    await (await pushManager.getSubscription())?.unsubscribe();
    const options = { userVisibleOnly: true, applicationServerKey: key };
    return (await inTime(pushManager.subscribe(options))).toJSON();
  } catch (error) {
    throw new BrowserError(error.name === "NotAllowedError" ? "blocked" : "offline", error);
  }
}

/** Ends the subscription of this browser, for example before the user signs out. Returns its endpoint, or null. */
export async function unsubscribePush(worker) {
  const registration = await navigator.serviceWorker?.getRegistration(worker);
  const subscription = await registration?.pushManager?.getSubscription();
  if (!subscription) return null;
  await subscription.unsubscribe();
  return subscription.endpoint;
}

/** Waits until the worker runs: only then can a page subscribe, and `ready` never ends on pages out of its scope. */
function active(registration) {
  const worker = registration.installing ?? registration.waiting;
  if (registration.active || !worker) return registration;
  return new Promise((resolve, reject) => {
    worker.addEventListener("statechange", () => {
      if (worker.state === "activated") resolve(registration);
      if (worker.state === "redundant") reject(new Error("the service worker cannot be installed"));
    });
  });
}

/** Adds a timeout, since browsers may retry forever without a connection to their push service. */
function inTime(work) {
  const late = new Promise((_, reject) => {
    setTimeout(() => reject(new Error("the push service does not answer")), PUSH_SERVICE_MILLIS);
  });
  return Promise.race([work, late]);
}

/** Returns a code without spaces and invisible characters, and with ASCII digits. */
export function cleanCode(text) {
  return text.replace(INVISIBLE, "").replace(/[\u0660-\u0669\u06f0-\u06f9\uff10-\uff19]/g, (digit) => {
    const code = digit.charCodeAt(0);
    return String(code - ZEROS.find((zero) => code >= zero && code <= zero + 9));
  });
}

/** Cleans a code while it is typed or pasted. With `submitLength`, submits the form once at that many characters. */
export function codeField(input, submitLength = Number(input.dataset.submitLength ?? 0)) {
  let isSubmitted = false;
  const clean = (event) => {
    // The input method still composes: a change would break it.
    if (event.isComposing) return;
    const code = cleanCode(input.value);
    if (code !== input.value) input.value = code;
    if (isSubmitted || submitLength === 0 || code.length !== submitLength) return;
    isSubmitted = true;
    input.form?.requestSubmit();
  };
  input.addEventListener("input", clean);
  input.addEventListener("compositionend", clean);
}

/** Polls a JSON document until its member `state` differs from `state`. Resolves with the new state. */
export async function poll(address, state, { signal } = {}) {
  let failures = 0;
  for (let round = 0; !signal?.aborted; round += 1) {
    await pause(POLL_MILLIS[Math.min(round, POLL_MILLIS.length - 1)] * (1 + failures));
    if (document.hidden) continue;
    try {
      const headers = { accept: "application/json" };
      const response = await fetch(address, { headers, cache: "no-store", signal });
      // The challenge or the session is gone. The page itself shows the reason.
      if (response.status < 500 && !response.ok) return null;
      const now = response.ok ? (await response.json()).state : state;
      failures = response.ok ? 0 : failures + 1;
      if (now !== state) return now;
    } catch {
      failures += 1;
    }
    if (failures > POLL_FAILURES) return null;
  }
  return null;
}

/** Waits, or until the user comes back to the page. Browsers slow down the timers of hidden pages. */
function pause(millis) {
  return new Promise((resolve) => {
    const done = () => {
      document.removeEventListener("visibilitychange", done);
      resolve();
    };
    document.addEventListener("visibilitychange", done);
    setTimeout(done, millis);
  });
}

/** Enhances an element and its descendants by their data attributes. `words` are the texts of errors. */
export function enhance(root = document, words = pageWords()) {
  const each = (selector, work) => root.querySelectorAll(selector).forEach(work);
  each("form[data-passkey-create]", (form) => {
    ceremonyForm(form, words, "credential", () => createPasskey(JSON.parse(form.dataset.passkeyCreate)));
  });
  each("form[data-passkey-get]", (form) => {
    ceremonyForm(form, words, "credential", () => getPasskey(JSON.parse(form.dataset.passkeyGet)));
  });
  each("form[data-push-subscribe]", (form) => {
    ceremonyForm(form, words, "subscription", () => subscribePush(form.dataset.pushSubscribe, workerOf(form)));
  });
  each("form[data-push-sign-out]", signOutForm);
  each("form", sendOnce);
  each("input.code", (input) => codeField(input));
  each("button[data-copy]", (button) => button.addEventListener("click", () => copy(button, words)));
  each("button[data-print]", (button) => button.addEventListener("click", () => window.print()));
  each("time[datetime]", localTime);
  each("[data-answer]", takeSecret);
  each("[data-poll]", async (element) => {
    await poll(element.dataset.poll, element.dataset.pollState);
    // A form on its way has changed the state itself, and the browser would give up its response.
    if (isLeaving) return;
    // Not a reload: the page may be the response to a form.
    location.replace(element.dataset.pollNext ?? location.href);
  });
  each("[data-needs-script]", (element) => element.removeAttribute("hidden"));
}

/** Runs a ceremony on submission, fills its result into a hidden field, and submits. */
function ceremonyForm(form, words, field, run) {
  let isDone = false;
  form.addEventListener("submit", async (event) => {
    if (isDone) return;
    event.preventDefault();
    if (form.ariaBusy === "true") return;
    form.ariaBusy = "true";
    say(form, "");
    try {
      form.elements.namedItem(field).value = JSON.stringify(await run());
      form.ariaBusy = null;
      isDone = true;
      // Fires the event of submission before it returns.
      form.requestSubmit(event.submitter);
      isDone = false;
    } catch (error) {
      form.ariaBusy = null;
      say(form, words[error.reason] ?? words.failed ?? error.message);
    }
  });
}

/** Ends the push messages of this browser before the form is sent. A failure stops no sign-out. */
function signOutForm(form) {
  let isDone = false;
  form.addEventListener("submit", async (event) => {
    if (isDone) return;
    event.preventDefault();
    isDone = true;
    await inTime(unsubscribePush(workerOf(form))).catch(() => {});
    form.requestSubmit(event.submitter);
  });
}

function workerOf(form) {
  return form.dataset.worker ?? new URL("../service-worker.js", import.meta.url).href;
}

/** True while a form is on its way. */
let isLeaving = false;

/** Ignores a second press while the first is on its way. */
function sendOnce(form) {
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (form.ariaBusy === "true") event.preventDefault();
    form.ariaBusy = "true";
    isLeaving = true;
  });
  // Back from the next page, with the form as it was left.
  addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) return;
    form.ariaBusy = null;
    isLeaving = false;
  });
}

/** Shows an error at the end of a form. */
function say(form, text) {
  let error = form.querySelector(":scope > .error");
  if (error === null) {
    error = document.createElement("p");
    error.className = "error";
    error.setAttribute("role", "alert");
    form.append(error);
  }
  error.textContent = text;
}

async function copy(button, words) {
  const source = document.getElementById(button.dataset.copy);
  const items = [...source.querySelectorAll("li")];
  const text = items.length > 0 ? items.map((item) => item.textContent.trim()).join("\n") : source.textContent.trim();
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without the right to write, the user can copy the selection.
    getSelection().selectAllChildren(source);
    return;
  }
  let status = button.parentElement.querySelector("[data-copied]");
  if (status === null) {
    status = document.createElement("span");
    status.dataset.copied = "";
    status.setAttribute("role", "status");
    button.after(status);
  }
  status.textContent = "";
  // In a later task, so that screen readers say a second copy, too.
  setTimeout(() => { status.textContent = words.copied ?? ""; });
}

/** Takes the secret of an e-mailed link from the fragment, which no request contains, and hides it from the history. */
function takeSecret(element) {
  const secret = new URLSearchParams(location.hash.slice(1)).get("challenge_answer");
  const field = element.querySelector("[data-answer-field]");
  if (secret && field) {
    field.querySelector("input").value = secret;
    field.hidden = true;
  }
  if (location.search || location.hash) history.replaceState(null, "", location.pathname);
}

function localTime(element) {
  const date = new Date(element.dateTime);
  if (Number.isNaN(date.getTime())) return;
  const zone = element.dateTime.includes("T") ? { timeStyle: "short" } : { timeZone: "UTC" };
  // Digits as in the rest of the page.
  const options = { dateStyle: "medium", numberingSystem: "latn", ...zone };
  element.removeAttribute("dir");
  element.textContent = new Intl.DateTimeFormat(document.documentElement.lang || undefined, options).format(date);
}

function pageWords() {
  try {
    return JSON.parse(document.querySelector('meta[name="challenges-words"]').content);
  } catch {
    return {};
  }
}

// Only the pages of challenges-pages have these texts.
if (document.querySelector('meta[name="challenges-words"]') !== null) enhance();
