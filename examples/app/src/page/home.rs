use challenges_core::{Description, Owner};
use maud::{Markup, html};

use super::layout::{layout, ok};
use crate::problem::Problem;
use crate::site::Reply;

/// Returns the home page of a signed-in user. The script fills and updates the lists. `no_passkeys` is the reason if
/// passkeys are not available.
pub(crate) fn home(user: &Owner, no_passkeys: Option<&Problem>) -> Reply {
    let header = html! {
        div.account {
            span { "Signed in as " strong { bdi #user { (user.user_id()) } } }
            button.quiet #sign-out type="button" { "Sign out" }
        }
    };
    let main = html! {
        main.wide {
            h1.hidden { "Your account" }
            div.column { (authenticator()) (passkeys(no_passkeys)) (messages()) }
            div.column { (step_up()) (approval()) (challenges()) }
        }
    };
    ok(layout("Your account", Some("static/home.js"), &header, &main))
}

fn authenticator() -> Markup {
    html! {
        section.card aria-labelledby="authenticator-title" {
            h2 #authenticator-title { "Authenticator app" }
            p.lead { "An app on your phone that shows a new code every 30 seconds." }
            ul.list #enrollments aria-labelledby="authenticator-title" {}
            p.empty #no-enrollments hidden { "No authenticator app yet." }
            button.primary #enroll-totp type="button" { "Add an authenticator app" }
            div.panel #totp-setup hidden {
                div #totp-new {
                    h3 { "Scan this code with your app" }
                    div.qr #totp-qr role="img" aria-label="QR code to scan with your authenticator app" {}
                    p { "On this phone? " a #totp-open { "Open it in your app" } ". Or enter this key by hand:" }
                    p { code #totp-key {} }
                    p.hint { "The key is shown only now." }
                }
                form #confirm-totp {
                    label for="totp-code" { "Code from your app" }
                    (code_input("totp-code"))
                    div.buttons {
                        button.primary type="submit" { "Confirm" }
                        button.quiet #cancel-totp type="button" { "Not now" }
                    }
                }
            }
            p.status #totp-message role="status" {}
        }
    }
}

fn passkeys(none: Option<&Problem>) -> Markup {
    html! {
        section.card aria-labelledby="passkeys-title" {
            h2 #passkeys-title { "Passkeys and security keys" }
            p.lead { "Use your fingerprint, face or PIN on this device or phone, or a security key to plug in and touch." }
            ul.list #passkeys aria-labelledby="passkeys-title" {}
            @match none {
                Some(problem) => p.empty #passkeys-unavailable { (problem) },
                None => {
                    p.empty #no-passkeys hidden { "No passkey or security key yet." }
                    div.buttons {
                        button.primary #add-passkey type="button" { "Add a passkey or security key" }
                        button.quiet #stop-adding type="button" hidden { "Cancel" }
                    }
                    form.panel #name-passkey hidden {
                        label for="passkey-name" { "Name of the passkey or key" }
                        input #passkey-name required maxlength="255" autocomplete="off" spellcheck="false";
                        div.buttons {
                            button.primary type="submit" { "Save the name" }
                            button.quiet #cancel-name type="button" { "Not now" }
                        }
                    }
                }
            }
            p.status #passkey-message role="status" {}
        }
    }
}

fn messages() -> Markup {
    html! {
        section.card aria-labelledby="messages-title" {
            h2 #messages-title { "Phones and browsers" }
            p.lead { "Receive requests for approval by text message or as notifications in this browser." }
            ul.list #endpoints aria-labelledby="messages-title" {}
            p.empty #no-endpoints hidden { "No phone number or browser yet." }
            form #add-phone {
                label for="phone-number" { "Phone number with country code" }
                div.inline {
                    input #phone-number type="tel" required maxlength="64" autocomplete="tel" placeholder="+1 555 010 0199";
                    button.primary type="submit" { "Add" }
                }
            }
            form.panel #confirm-phone hidden {
                label for="phone-code" { "Code from the text message" }
                (code_input("phone-code"))
                div.buttons {
                    button.primary type="submit" { "Confirm" }
                    button.quiet #cancel-phone type="button" { "Not now" }
                }
            }
            button.quiet.apart #add-browser type="button" { "Notify me in this browser" }
            p.status #messages-message role="status" {}
        }
    }
}

fn step_up() -> Markup {
    html! {
        section.card aria-labelledby="step-up-title" {
            h2 #step-up-title { "Step-up" }
            p.lead { "Require a second factor before an important operation." }
            button.primary #step-up type="button" { "Start a step-up" }
            div.panel #answer hidden {
                form #answer-totp {
                    label for="step-up-code" { "Code from your app" }
                    (code_input("step-up-code"))
                    button.primary type="submit" { "Send the code" }
                }
                div.buttons #answer-passkey {
                    button.primary #use-passkey type="button" { "Use a passkey or key" }
                    button.quiet #stop-using type="button" hidden { "Cancel" }
                }
            }
            p.status #message role="status" {}
        }
    }
}

fn approval() -> Markup {
    html! {
        section.card aria-labelledby="approval-title" {
            h2 #approval-title { "Approval" }
            p.lead { "Approve or decline a request on another device." }
            form #ask-approval {
                label for="approval-about" { "Description (optional)" }
                input #approval-about maxlength=(Description::MAX) autocomplete="off" placeholder="Pay 120 EUR to Bob";
                div.buttons {
                    button.primary #start-approval type="submit" { "Show a link" }
                    button.quiet #ask-by-message type="button" hidden { "Send to my phones and browsers" }
                }
            }
            p.number.apart #approval-number hidden { "Enter this number on the other device:" strong {} }
            div.panel #approval hidden {
                div.qr #answer-qr role="img" aria-label="QR code of the link to the answer page" hidden {}
                p { a #answer-link target="_blank" rel="noopener noreferrer" { "Open the answer page" } }
            }
            p.status #approval-message role="status" {}
        }
    }
}

fn challenges() -> Markup {
    html! {
        section.card aria-labelledby="challenges-title" {
            h2 #challenges-title { "Your challenges" }
            p.lead { "Newest first. The list updates by itself." }
            ul.list #challenges aria-labelledby="challenges-title" {}
            p.empty #no-challenges hidden { "None yet. Start a step-up or ask for approval." }
            p.hidden #changes role="status" {}
            p.status #connection role="status" {}
        }
    }
}

/// Returns an input for six digits, with room for the spaces and invisible characters of a pasted code.
fn code_input(id: &str) -> Markup {
    html! {
        input.code id=(id) name="code" required maxlength="32" inputmode="numeric" autocomplete="one-time-code"
            placeholder="123456";
    }
}
