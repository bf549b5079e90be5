import { digits } from "./elements.js";
import { say, send, timeText } from "./talk.js";

const REFUSED =
  "Not accepted. The request may already be answered or expired. If necessary, start a new one.";

// Remove the secret from the address and from the browser history.
const link = new URLSearchParams(location.search);
// E-mails carry the secret in the fragment, which no request contains.
const hidden = new URLSearchParams(location.hash.slice(1));
history.replaceState(null, "", location.pathname);

for (const time of document.querySelectorAll("time")) {
  const millis = Number(time.dataset.time);
  time.dateTime = new Date(millis).toISOString();
  time.textContent = timeText(millis);
}

const decision = document.getElementById("decision");
const outcome = document.getElementById("outcome");
const buttons = decision ? [...decision.querySelectorAll("button")] : [];

async function decide(allowed, done) {
  const number = document.getElementById("number");
  if (allowed && number !== null && digits(number) === "") {
    say(outcome, "Enter the number shown where you started the request.", "bad");
    number.focus();
    return;
  }
  const answer = {
    challenge_answer: link.get("challenge_answer") ?? hidden.get("challenge_answer") ?? "",
    challenge_type: decision.dataset.type,
    allowed,
  };
  if (allowed && number !== null) answer.number_match = digits(number);
  if (link.has("challenge_uid")) answer.challenge_uid = link.get("challenge_uid");
  for (const button of buttons) button.disabled = true;
  say(outcome, "Sending your answer…");
  let again = true;
  try {
    const response = await send("POST", `v1/challenges/${encodeURIComponent(link.get("challenge_id"))}/answers`, answer);
    again = response.status >= 500;
    if (response.ok) {
      decision.hidden = true;
      say(outcome, `${done} You can close this page.`, "good");
    } else if (again) {
      say(outcome, "Your answer could not be sent. Please try again in a moment.", "bad");
    } else {
      say(outcome, REFUSED, "bad");
    }
  } catch (problem) {
    say(outcome, problem.message, "bad");
  }
  for (const button of buttons) button.disabled = !again;
}

const NOT_ME = "Declined. Somebody may know your password: change it, and tell the operator of the site.";

document.getElementById("approve")?.addEventListener("click", () => decide(true, "Approved."));
document.getElementById("decline")?.addEventListener("click", () => decide(false, "Declined."));
document.getElementById("not-me")?.addEventListener("click", () => decide(false, NOT_ME));
decision?.addEventListener("submit", (event) => event.preventDefault());
