// Converts the options and responses of WebAuthn from and to JSON (Web Authentication Level 3, sections 5.1.8 to 5.1.10).
//
// An ES module without dependencies, for every page that runs a ceremony. Uses the methods of the browser where they
// work. Converts by itself in browsers without them (Safari 17), and where a password manager replaced the browser's
// objects and the methods throw "Illegal invocation".

/** Returns the options for `navigator.credentials.create({ publicKey })`. */
export function creationOptions(options) {
  return byBrowser("parseCreationOptionsFromJSON", options) ?? {
    ...options,
    challenge: toBytes(options.challenge),
    user: { ...options.user, id: toBytes(options.user.id) },
    excludeCredentials: (options.excludeCredentials ?? []).map(descriptor),
  };
}

/** Returns the options for `navigator.credentials.get({ publicKey })`. */
export function requestOptions(options) {
  return byBrowser("parseRequestOptionsFromJSON", options) ?? {
    ...options,
    challenge: toBytes(options.challenge),
    allowCredentials: (options.allowCredentials ?? []).map(descriptor),
  };
}

/** Returns the JSON form of a created or used credential, for the server. */
export function credentialJson(credential) {
  const json = fromCall(() => credential.toJSON());
  if (json !== undefined) return json;
  const { response } = credential;
  const isCreated = response.attestationObject !== undefined;
  return {
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
    clientExtensionResults: fromCall(() => credential.getClientExtensionResults()) ?? {},
    response: isCreated ? created(response) : used(response),
  };
}

/** Returns the options by a method of the browser, or undefined if the method is missing or throws. */
function byBrowser(method, options) {
  return fromCall(() => window.PublicKeyCredential[method](options));
}

function created(response) {
  return {
    clientDataJSON: toText(response.clientDataJSON),
    attestationObject: toText(response.attestationObject),
    transports: fromCall(() => response.getTransports()) ?? [],
  };
}

function used(response) {
  return {
    clientDataJSON: toText(response.clientDataJSON),
    authenticatorData: toText(response.authenticatorData),
    signature: toText(response.signature),
    userHandle: response.userHandle ? toText(response.userHandle) : undefined,
  };
}

function descriptor(credential) {
  return { ...credential, id: toBytes(credential.id) };
}

/** Returns the result of an optional method. Old browsers lack the method, and objects of others may throw. */
function fromCall(call) {
  try {
    return call();
  } catch {
    return undefined;
  }
}

function toBytes(base64url) {
  const text = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function toText(buffer) {
  const text = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
