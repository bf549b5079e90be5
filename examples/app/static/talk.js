// Talking to the server, and to the person in front of the page.

const UNREACHABLE = "The server cannot be reached. Check your connection and try again.";
const UNKNOWN = "Something went wrong. Please try again.";

/** Sends a request and gives its JSON; throws an Error with a sentence for the user. */
export async function call(method, path, body) {
  const response = await send(method, path, body);
  if (response.status === 401) location.reload();
  const data = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(data.error_message ?? UNKNOWN);
  return data;
}

/** Sends a request and gives the response, whatever its status. */
export async function send(method, path, body) {
  const options = { method, cache: "no-store" };
  if (body !== undefined) {
    options.headers = { "content-type": "application/json" };
    options.body = JSON.stringify(body);
  }
  try {
    return await fetch(path, options);
  } catch {
    throw new Error(UNREACHABLE);
  }
}

/** Shows a sentence in a status line; tone is "good", "bad" or nothing. */
export function say(line, text, tone = "") {
  line.textContent = text;
  line.dataset.tone = tone;
}

/** Runs work on a click or submit, with its buttons disabled meanwhile, and shows what goes wrong in a status line. */
export function on(element, event, line, work) {
  const buttons = element.matches("button") ? [element] : [...element.querySelectorAll("button")];
  element.addEventListener(event, async (happened) => {
    happened.preventDefault();
    const focused = document.activeElement;
    for (const button of buttons) button.disabled = true;
    // So that the same sentence is announced again.
    say(line, "");
    try {
      await work(happened);
    } catch (problem) {
      say(line, problem.message, "bad");
    } finally {
      for (const button of buttons) button.disabled = false;
      // Who gets disabled or hidden loses the focus.
      if (document.activeElement === document.body) focused.focus({ preventScroll: true });
    }
  });
}

/** A time of day, with the day where it is not today. */
export function timeText(millis) {
  const time = new Date(millis);
  const today = time.toDateString() === new Date().toDateString();
  const clock = { hour: "numeric", minute: "2-digit" };
  return time.toLocaleString([], today ? clock : { day: "numeric", month: "short", ...clock });
}
