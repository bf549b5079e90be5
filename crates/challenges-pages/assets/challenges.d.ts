// The types of challenges.js.

/** The JSON forms of Web Authentication Level 3, sections 5.1.8 to 5.1.10. */
type Json = Record<string, unknown>;

/**
 * The reason for a failed ceremony or subscription:
 *
 * - `insecure`: the page is not served by https or localhost
 * - `unsupported`: the browser lacks passkeys or push, or knows no algorithm of the server
 * - `cancelled`: the user cancelled, the time ran out, or the user could not be verified
 * - `registered`: the passkey is registered already
 * - `unverified`: the device cannot verify the user
 * - `elsewhere`: the relying party is another host
 * - `blocked`: the user does not allow notifications
 * - `offline`: the push service of the browser did not answer
 * - `failed`: another error of the browser, see `cause`
 */
export type Reason =
  | "insecure"
  | "unsupported"
  | "cancelled"
  | "registered"
  | "unverified"
  | "elsewhere"
  | "blocked"
  | "offline"
  | "failed";

/** A ceremony or subscription that failed in the browser. */
export declare class BrowserError extends Error {
  constructor(reason: Reason, cause?: unknown);
  readonly reason: Reason;
}

/** Returns true if this browser can use passkeys on this page. */
export declare function canUsePasskeys(): boolean;

/** Creates a passkey. Takes the server's JSON options and returns the JSON response. Throws `BrowserError`. */
export declare function createPasskey(options: Json, settings?: { signal?: AbortSignal }): Promise<Json>;

/** Uses a passkey. Takes the server's JSON options and returns the JSON response. Throws `BrowserError`. */
export declare function getPasskey(
  options: Json,
  settings?: { signal?: AbortSignal; mediation?: "conditional" | "optional" | "required" | "silent" },
): Promise<Json>;

/**
 * Subscribes this browser to push messages, after asking the user. Throws `BrowserError`.
 *
 * `key` is the VAPID public key in base64url, `worker` the address of `service-worker.js`.
 */
export declare function subscribePush(key: string, worker: string): Promise<Json>;

/**
 * Ends the subscription of this browser. Returns the endpoint that the server should forget, or null.
 *
 * A form with the attribute `data-push-sign-out` does so before it is sent, after `enhance`.
 */
export declare function unsubscribePush(worker: string): Promise<string | null>;

/** Returns a code without spaces and invisible characters, and with ASCII digits. */
export declare function cleanCode(text: string): string;

/** Cleans a code while it is typed or pasted. With `submitLength`, submits the form once at that many characters. */
export declare function codeField(input: HTMLInputElement, submitLength?: number): void;

/**
 * Polls a JSON document every few seconds until its member `state` differs from `state`.
 *
 * Resolves with the new state, and with null if the document is gone, after too many failures, and after an abort.
 */
export declare function poll(
  address: string,
  state: string | undefined,
  settings?: { signal?: AbortSignal },
): Promise<string | null>;

/** Enhances forms, buttons and times by their data attributes. `words` has a text for each `Reason`, and `copied`. */
export declare function enhance(root?: ParentNode, words?: Partial<Record<Reason | "copied", string>>): void;
