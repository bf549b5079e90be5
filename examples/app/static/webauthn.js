import { creationOptions, credentialJson, requestOptions } from "./webauthn-json.js";

// WebAuthn ceremonies. Each takes the options from the server and returns the response for the server.

/** The message during a ceremony. */
export const FOLLOW = "Follow the steps in your browser. If your security key blinks, touch it.";

const NOT_ALLOWED = "It was cancelled, it took too long, or your device could not verify your identity.";

const CREATION = {
  AbortError: "Cancelled. Nothing was added.",
  ConstraintError: "Your device cannot verify your identity, as required here. Use another one.",
  InvalidStateError: "This passkey or security key is registered already. Use another one.",
  NotAllowedError: `Nothing was added. ${NOT_ALLOWED} Please try again.`,
  NotSupportedError: "This passkey or security key has no supported signature algorithm. Use another one.",
};

const REQUEST = {
  AbortError: "Cancelled. The step-up is still open.",
  NotAllowedError: `${NOT_ALLOWED} Or it is not one that you added here. Please try again.`,
};

/** Throws an Error with a message for the user if the browser cannot run a ceremony. */
export function checkBrowser() {
  if (!window.isSecureContext) throw new Error("Passkeys need https, or localhost. Open the demo at such an address.");
  if (!window.PublicKeyCredential) {
    throw new Error("This browser does not support passkeys (WebAuthn). Please use another one.");
  }
}

/** Creates a credential. The button cancels. Throws an Error with a message for the user. */
export function makeCredential(options, stop) {
  return ceremony(options.rp.id, CREATION, stop, (signal) => {
    return navigator.credentials.create({ publicKey: creationOptions(options), signal });
  });
}

/** Uses a credential. The button cancels. Throws an Error with a message for the user. */
export function useCredential(options, stop) {
  return ceremony(options.rpId, REQUEST, stop, (signal) => {
    return navigator.credentials.get({ publicKey: requestOptions(options), signal });
  });
}

async function ceremony(relyingParty, texts, stop, run) {
  const controller = new AbortController();
  stop.onclick = () => controller.abort();
  stop.hidden = false;
  try {
    return credentialJson(await run(controller.signal));
  } catch (error) {
    const elsewhere = `Passkeys here are for ${relyingParty}, but this page is at ${location.hostname}. Open the page there.`;
    const text = error.name === "SecurityError" ? elsewhere : texts[error.name];
    throw new Error(text ?? `Your browser failed: ${error.message}`);
  } finally {
    stop.hidden = true;
  }
}
