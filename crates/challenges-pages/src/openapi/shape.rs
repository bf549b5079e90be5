use crate::route::Verb;

/// The request and response of a route.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    /// The schema of the request body.
    pub(super) request: Option<&'static str>,
    pub(super) response: Response,
    /// The schema of the page that a refused form returns again.
    pub(super) again: Option<&'static str>,
    /// The optional query parameters.
    pub(super) query: &'static [&'static str],
    pub(super) session: Session,
}

/// The need for a signed-in user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Session {
    Required,
    /// A login that waits for the second factor takes the place of the session.
    OrLogin,
    Unused,
}

/// The body of a success.
#[derive(Clone, Copy, Debug)]
pub(super) enum Response {
    /// The data of a page.
    Page(&'static str),
    /// The data of a page, or the path of the application to go to.
    PageOrLeft(&'static str),
    /// A change, with the schema of the data, if any.
    Done(Option<&'static str>),
}

impl Shape {
    /// Returns the shape of a route, or `None` for a route without a JSON form.
    pub(super) fn of(method: Verb, path: &str) -> Option<Self> {
        Some(match (method, path) {
            (Verb::Get, "account") => Self::page("Overview"),
            (Verb::Get, "account/activity") => Self::page("Activity"),
            (Verb::Get, "account/totp") => Self::page("TotpIntro"),
            (Verb::Post, "account/totp") => Self { again: Some("TotpIntro"), ..Self::page("TotpKey") },
            (Verb::Get, "account/totp/{id}/confirm") => Self::page("TotpCode"),
            (Verb::Post, "account/totp/{id}/confirm") => Self::change(Some("TypedCode"), None, "TotpCode"),
            (Verb::Get, "account/passkeys") => Self::page("PasskeyIntro"),
            (Verb::Post, "account/passkeys") => Self::change(None, Some("NewPasskey"), "PasskeyIntro"),
            (Verb::Get, "account/passkeys/{id}/confirm") => Self::page("NewPasskey"),
            (Verb::Post, "account/passkeys/{id}/confirm") => {
                Self::change(Some("CreatedCredential"), None, "NewPasskey")
            }
            (Verb::Get, "account/passkeys/{id}/rename") => Self::page("PasskeyName"),
            (Verb::Post, "account/passkeys/{id}/rename") => Self::change(Some("Rename"), None, "PasskeyName"),
            (Verb::Get, "account/recovery-codes") => Self::page("RecoveryCodes"),
            (Verb::Post, "account/recovery-codes") => {
                Self { again: Some("RecoveryCodes"), ..Self::page("GeneratedCodes") }
            }
            (Verb::Get, "account/phones") => Self::page("PhoneForm"),
            (Verb::Post, "account/phones") => Self::change(Some("TypedPhone"), Some("Added"), "PhoneForm"),
            (Verb::Get, "account/emails") => Self::page("EmailForm"),
            (Verb::Post, "account/emails") => Self::change(Some("TypedEmail"), Some("Added"), "EmailForm"),
            (Verb::Get, "account/phones/{id}/confirm" | "account/emails/{id}/confirm") => Self::page("AddressForm"),
            (Verb::Post, "account/phones/{id}/confirm" | "account/emails/{id}/confirm") => {
                Self::change(Some("TypedCode"), None, "AddressForm")
            }
            (Verb::Post, "account/phones/{id}/resend" | "account/emails/{id}/resend") => {
                Self::change(None, None, "AddressForm")
            }
            (Verb::Get, "account/browsers") => Self::page("Browsers"),
            (Verb::Post, "account/browsers") => Self::change(Some("Subscribed"), None, "Browsers"),
            (
                Verb::Get,
                "account/totp/{id}/remove"
                | "account/passkeys/{id}/remove"
                | "account/phones/{id}/remove"
                | "account/emails/{id}/remove"
                | "account/browsers/{id}/remove"
                | "account/devices/{id}/revoke"
                | "account/devices/revoke-all",
            ) => Self::page("Removal"),
            (
                Verb::Post,
                "account/totp/{id}/remove"
                | "account/passkeys/{id}/remove"
                | "account/phones/{id}/remove"
                | "account/emails/{id}/remove"
                | "account/browsers/{id}/remove"
                | "account/devices/{id}/revoke"
                | "account/devices/revoke-all",
            ) => Self::change(None, None, "Removal"),
            (Verb::Get, "answer") => Self {
                query: &["challenge_id", "challenge_answer", "challenge_uid", "challenge_type", "allowed"],
                session: Session::Unused,
                ..Self::page("Question")
            },
            (Verb::Post, "answer") => Self {
                request: Some("Submitted"),
                again: Some("Question"),
                session: Session::Unused,
                ..Self::page("Answered")
            },
            (Verb::Get, "factor") => {
                Self { response: Response::PageOrLeft("Factor"), again: None, ..Self::factor(None) }
            }
            (Verb::Get, "factor/state") => {
                Self { response: Response::Page("FactorState"), again: None, ..Self::factor(None) }
            }
            (Verb::Post, "factor/passkey") => Self::factor(Some("FactorPasskey")),
            (Verb::Post, "factor/totp" | "factor/message" | "factor/recovery") => Self::factor(Some("FactorCode")),
            (Verb::Post, "factor/resend" | "factor/renew") => Self::factor(None),
            _ => return None,
        })
    }

    const fn factor(request: Option<&'static str>) -> Self {
        Self {
            request,
            response: Response::Done(Some("Left")),
            again: Some("Factor"),
            query: &["purpose", "return_to"],
            session: Session::OrLogin,
        }
    }

    const fn page(schema: &'static str) -> Self {
        Self { request: None, response: Response::Page(schema), again: None, query: &[], session: Session::Required }
    }

    const fn change(request: Option<&'static str>, data: Option<&'static str>, again: &'static str) -> Self {
        Self { request, response: Response::Done(data), again: Some(again), query: &[], session: Session::Required }
    }
}
