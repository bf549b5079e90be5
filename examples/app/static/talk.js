// Requests to the server and messages to the user.

const UNREACHABLE = "The server cannot be reached. Check your connection and try again.";
const UNKNOWN = "Something went wrong. Please try again.";

/** Sends a request and returns the JSON of the response. Throws an Error with a message for the user. */
export async function call(method, path, body) {
  const response = await send(method, path, body);
  if (response.status === 401) location.reload();
  const data = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(data.error_message ?? UNKNOWN);
  return data;
}

/** Sends a request and returns the response, whatever its status. */
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

/** Shows a message in a status line. The tone is "good", "bad" or "". */
export function say(line, text, tone = "") {
  line.textContent = text;
  line.dataset.tone = tone;
}

/** Runs work on a click or submit. Disables the buttons meanwhile and shows errors in a status line. */
export function on(element, event, line, work) {
  const buttons = element.matches("button") ? [element] : [...element.querySelectorAll("button")];
  element.addEventListener(event, async (happened) => {
    happened.preventDefault();
    const focused = document.activeElement;
    for (const button of buttons) button.disabled = true;
    // Clear the line first, so that screen readers announce a repeated message.
    say(line, "");
    try {
      await work(happened);
    } catch (problem) {
      say(line, problem.message, "bad");
    } finally {
      for (const button of buttons) button.disabled = false;
      // A disabled or hidden element loses the focus.
      if (document.activeElement === document.body) focused.focus({ preventScroll: true });
    }
  });
}

/** Formats a time of day, with the date unless it is today. */
export function timeText(millis) {
  const time = new Date(millis);
  const today = time.toDateString() === new Date().toDateString();
  const clock = { hour: "numeric", minute: "2-digit" };
  return time.toLocaleString([], today ? clock : { day: "numeric", month: "short", ...clock });
}
