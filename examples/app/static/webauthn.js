// The ceremonies of WebAuthn: options in, as the server made them; out, what it is to be sent.

/** What to do while a ceremony is under way. */
export const FOLLOW = "Follow your browser. If your security key blinks, touch it.";

const NOT_ALLOWED = "It was cancelled, it took too long, or your device could not verify that it is you.";

const CREATION = {
  AbortError: "Cancelled. Nothing was added.",
  ConstraintError: "Your device cannot verify that it is you, as is asked for here. Use another one.",
  InvalidStateError: "This passkey or security key is registered already. Use another one.",
  NotAllowedError: `Nothing was added. ${NOT_ALLOWED} Please try again.`,
  NotSupportedError: "This passkey or security key has no signature algorithm that is accepted here. Use another one.",
};

const REQUEST = {
  AbortError: "Cancelled. The step-up waits still.",
  NotAllowedError: `${NOT_ALLOWED} Or it is not one that you added here. Please try again.`,
};

/** Throws an Error with a sentence for the user where there can be no ceremony. */
export function checkBrowser() {
  if (!window.isSecureContext) throw new Error("Passkeys need https, or localhost. Open the demo at such an address.");
  const supported = window.PublicKeyCredential;
  if (!supported) throw new Error("This browser has no passkeys (WebAuthn). Please use another one.");
  const needed = [
    supported.parseCreationOptionsFromJSON,
    supported.parseRequestOptionsFromJSON,
    supported.prototype.toJSON,
  ];
  if (!needed.every(Boolean)) throw new Error("This browser is too old for passkeys here. Please update it.");
}

/** Makes a credential; the button stops it. Throws an Error with a sentence for the user. */
export function makeCredential(options, stop) {
  return ceremony(options.rp.id, CREATION, stop, (signal) => {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
    return navigator.credentials.create({ publicKey, signal });
  });
}

/** Uses a credential; the button stops it. Throws an Error with a sentence for the user. */
export function useCredential(options, stop) {
  return ceremony(options.rpId, REQUEST, stop, (signal) => {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
    return navigator.credentials.get({ publicKey, signal });
  });
}

async function ceremony(relyingParty, texts, stop, run) {
  const controller = new AbortController();
  stop.onclick = () => controller.abort();
  stop.hidden = false;
  try {
    const credential = await run(controller.signal);
    return credential.toJSON();
  } catch (error) {
    const elsewhere = `Passkeys here are for ${relyingParty}, and this page is at ${location.hostname}. Open it there.`;
    const text = error.name === "SecurityError" ? elsewhere : texts[error.name];
    throw new Error(text ?? `Your browser could not do it: ${error.message}`);
  } finally {
    stop.hidden = true;
  }
}
