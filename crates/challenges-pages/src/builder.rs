mod account;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use challenges_core::webauthn::RelyingPartyId;
use challenges_core::{ChallengeType, Challenges, Invalid, Origin, Purpose};
use challenges_http::{StepUpCookie, StepUpGate};

use crate::account_settings::AccountSettings;
use crate::layout::{Frame, Layout};
use crate::pages::{Pages, Shared};
use crate::rendering::content_policy;
use crate::words::Catalogue;

/// The builder of [`Pages`].
///
/// | setting | default |
/// |---|---|
/// | [`prefix`](Self::prefix) | `/mfa` |
/// | [`name`](Self::name) | the host name of the origin |
/// | [`sign_in`](Self::sign_in) | `/login` |
/// | [`sign_in_parameter`](Self::sign_in_parameter) | `return_to` |
/// | [`after_login`](Self::after_login) | `/login/finish` |
/// | [`catalogue`](Self::catalogue) | the seven languages of this crate |
/// | [`layout`](Self::layout) | a plain frame with the name of the application |
/// | [`step_up`](Self::step_up) | the gate of the account pages only |
/// | [`redirects_to`](Self::redirects_to) | no other origin |
/// | [`offers`](Self::offers) | authenticator apps and passkeys |
/// | [`relying_party`](Self::relying_party) | the host name of the origin |
/// | [`push_key`](Self::push_key) | no push messages |
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct PagesBuilder {
    challenges: Challenges,
    origin: String,
    prefix: String,
    name: Option<String>,
    sign_in: String,
    sign_in_parameter: String,
    after_login: String,
    catalogue: Catalogue,
    layout: Layout,
    gates: Vec<StepUpGate>,
    redirect_origins: Vec<Origin>,
    account: AccountSettings,
}

/// A wrong setting of [`PagesBuilder`]. `Debug` shows the sentence too, because `main` prints its error with `Debug`.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PagesError {
    /// The origin is malformed.
    #[error(
        "Pages::builder needs the origin of the application as browsers write origins, such as https://app.example, without a path; got {0:?}"
    )]
    Origin(String),
    /// The query parameter of the login page is malformed.
    #[error("PagesBuilder::sign_in_parameter needs a name such as next, of letters, digits, '-' and '_'; got {0:?}")]
    Parameter(String),
    /// The prefix is malformed.
    #[error(
        "PagesBuilder::prefix needs a path such as /mfa: a leading slash, no slash at the end, and letters, digits, '-', '.', '_' and '~' between single slashes; got {0:?}"
    )]
    Prefix(String),
    /// The name of the application is malformed.
    #[error("PagesBuilder::name needs 1 to 64 bytes without a colon and control characters; got {0:?}")]
    Name(String),
    /// A path of the application is malformed.
    #[error(
        "PagesBuilder::{setting} needs a path of the application such as /login: a single leading slash, and visible ASCII characters without backslash, '?' and '#'; got {path:?}"
    )]
    Path {
        /// The name of the setting.
        setting: &'static str,
        /// The given path.
        path: String,
    },
    /// Two gates have the same purpose.
    #[error("PagesBuilder::step_up got two gates for the purpose {0}; give each purpose one gate")]
    TwoGates(Purpose),
    /// A gate has the purpose `login`, which is reserved for the second factor of a login.
    #[error(
        "PagesBuilder::step_up got a gate for the purpose login, which is the purpose of the second factor of a login; use StepUpGate::also_accepts"
    )]
    LoginGate,
    /// The gate for `manage-factors` is limited to one use, or accepts further purposes.
    #[error(
        "PagesBuilder::step_up got a gate for the purpose manage-factors with once or also_accepts; one step-up of this purpose is for several changes, so leave both out"
    )]
    ManageGate,
    /// A gate with `once` also accepts logins. The login itself uses up the challenge, so the gate would stay closed.
    #[error(
        "PagesBuilder::step_up got a gate for the purpose {0} with once and also_accepts(login), which a login would never open; leave one of them out"
    )]
    OnceAfterLogin(Purpose),
    /// The cookie of a gate needs TLS, and the origin has none. Browsers would drop the cookie after every step-up.
    #[error(
        "PagesBuilder::step_up got a gate for the purpose {purpose} whose cookie browsers store over https only, and the origin is {origin}; serve https, or call StepUpGate::danger_without_tls in development"
    )]
    GateNeedsTls {
        /// The purpose of the gate.
        purpose: Purpose,
        /// The origin of the application.
        origin: Origin,
    },
    /// The service serves the relying party of new passkeys at other origins, so every passkey would be refused.
    #[error(
        "the pages offer passkeys of {relying_party} at {origin}, where the service accepts none; build the service with Webauthn::for_origin(\"{origin}\"), add the origin with WebauthnBuilder::relying_party, or leave passkeys out of PagesBuilder::offers"
    )]
    PasskeyOrigin {
        /// The relying party of new passkeys.
        relying_party: RelyingPartyId,
        /// The origin of the application.
        origin: Origin,
    },
}

impl fmt::Debug for PagesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Pages {
    /// Starts with the origin of the application, for example `https://app.example`. An `http` origin is for
    /// development: the cookies then lack `Secure` and the `__Host-` prefix.
    pub fn builder(challenges: Challenges, origin: impl Into<String>) -> PagesBuilder {
        PagesBuilder {
            challenges,
            origin: origin.into(),
            prefix: "/mfa".to_owned(),
            name: None,
            sign_in: "/login".to_owned(),
            sign_in_parameter: "return_to".to_owned(),
            after_login: "/login/finish".to_owned(),
            catalogue: Catalogue::default(),
            layout: Layout::default(),
            gates: Vec::new(),
            redirect_origins: Vec::new(),
            account: AccountSettings::default(),
        }
    }
}

impl PagesBuilder {
    /// Sets the path below which the pages are mounted, without a slash at the end. An empty prefix mounts the pages at
    /// the root. The scope of the service worker for push messages is then the whole application, so this worker
    /// replaces another worker with that scope.
    pub fn prefix(self, prefix: impl Into<String>) -> Self {
        Self { prefix: prefix.into(), ..self }
    }

    /// Sets the name of the application, shown in titles and in the user's authenticator app.
    pub fn name(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// Sets the path of the application's login page, which must respond to `GET`. Visitors who are not signed in are
    /// redirected there, with the page that they asked for in the query parameter
    /// [`sign_in_parameter`](Self::sign_in_parameter).
    pub fn sign_in(self, path: impl Into<String>) -> Self {
        Self { sign_in: path.into(), ..self }
    }

    /// Sets the name of the query parameter in which the login page receives the page to come back to, such as `next`.
    pub fn sign_in_parameter(self, name: impl Into<String>) -> Self {
        Self { sign_in_parameter: name.into(), ..self }
    }

    /// Sets the path to which browsers are redirected after the second factor of a login. The handler takes the
    /// extractor `FreshLogin`, and makes the session.
    pub fn after_login(self, path: impl Into<String>) -> Self {
        Self { after_login: path.into(), ..self }
    }

    /// Sets the texts and languages. `Accept-Language` chooses the language of a visitor.
    pub fn catalogue(self, catalogue: Catalogue) -> Self {
        Self { catalogue, ..self }
    }

    /// Sets the function that makes the HTML document of every page. The function can put pages into the application's
    /// own frame, and replace single pages. See [`Frame`].
    ///
    /// ```
    /// # fn layout(builder: challenges_pages::PagesBuilder) -> challenges_pages::PagesBuilder {
    /// builder.layout(|frame| {
    ///     let (language, direction) = (frame.words.language(), frame.direction());
    ///     format!(
    ///         "<!DOCTYPE html><html lang={language} dir={direction}><head><meta charset=utf-8><title>{}</title>{}</head>\
    ///          <body><nav><a href=/>Home</a></nav><main>{}</main></body></html>",
    ///         frame.title, frame.head, frame.main,
    ///     )
    /// })
    /// # }
    /// ```
    pub fn layout(self, layout: impl Fn(&Frame) -> String + Send + Sync + 'static) -> Self {
        Self { layout: Layout::new(layout), ..self }
    }

    /// Adds a gate of the application. Users can then step up for the gate's purpose on the page
    /// [`Pages::factor_path`]. Wrap the same gate around the protected routes. In development without TLS, call
    /// [`StepUpGate::danger_without_tls`].
    ///
    /// The account pages have a gate for [`Purpose::manage_factors`], with the cookie `__Host-challenges_manage`. To
    /// set another age, cookie or requirement for changes of factors, add a gate for this purpose. The age is also
    /// capped by [`Policy::grant_age`](challenges_core::Policy::grant_age). With a requirement of two factors, users
    /// with a single factor cannot change any.
    pub fn step_up(mut self, gate: StepUpGate) -> Self {
        self.gates.push(gate);
        self
    }

    /// Allows redirects to these origins right after a form of the pages, such as to the client of an `OpenID` provider
    /// after the login. Some browsers apply `form-action` of the content security policy to redirects too, and would
    /// stay on the form.
    pub fn redirects_to(mut self, origins: impl IntoIterator<Item = Origin>) -> Self {
        self.redirect_origins.extend(origins);
        self
    }

    /// Builds the pages.
    ///
    /// # Errors
    ///
    /// [`PagesError`] names the wrong setting and the remedy.
    pub fn build(self) -> Result<Pages, PagesError> {
        let Self {
            challenges, origin, prefix, name, sign_in, sign_in_parameter, after_login, catalogue, layout, ..
        } = self;
        let (mut gates, account) = (self.gates, self.account);
        let parsed: Result<Origin, Invalid> = origin.parse();
        let Ok(origin) = parsed else { return Err(PagesError::Origin(origin)) };
        if !is_prefix(&prefix) {
            return Err(PagesError::Prefix(prefix));
        }
        let name = name.unwrap_or_else(|| host(origin.as_str()).to_owned());
        if !(1..=64).contains(&name.len()) || name.contains(':') || name.chars().any(char::is_control) {
            return Err(PagesError::Name(name));
        }
        for (setting, path) in [("sign_in", &sign_in), ("after_login", &after_login)] {
            if !crate::return_to::is_path(path) {
                return Err(PagesError::Path { setting, path: path.clone() });
            }
        }
        let is_of_parameter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if sign_in_parameter.is_empty() || !sign_in_parameter.bytes().all(is_of_parameter) {
            return Err(PagesError::Parameter(sign_in_parameter));
        }
        let manage = Purpose::manage_factors();
        match gates.iter().find(|gate| *gate.purpose() == manage) {
            Some(gate) if gate.once_and_also() != (false, &[]) => return Err(PagesError::ManageGate),
            Some(_) => {}
            None => gates.push(manage_gate(&challenges, origin.as_str())),
        }
        let mut purposes: Vec<_> = gates.iter().map(|gate| gate.purpose().as_str()).collect();
        purposes.sort_unstable();
        if purposes.contains(&crate::login_cookies::PURPOSE) {
            return Err(PagesError::LoginGate);
        }
        let login = Pages::login_purpose();
        let is_dead =
            |gate: &&StepUpGate| gate.once_and_also().0 && login.as_ref().is_ok_and(|login| gate.accepts(login));
        if let Some(gate) = gates.iter().find(is_dead) {
            return Err(PagesError::OnceAfterLogin(gate.purpose().clone()));
        }
        if let Some(gate) = gates.iter().enumerate().find_map(|(index, gate)| {
            gates.iter().take(index).any(|other| other.purpose() == gate.purpose()).then_some(gate)
        }) {
            return Err(PagesError::TwoGates(gate.purpose().clone()));
        }
        if let Some(gate) = gates.iter().find(|gate| gate.needs_tls()).filter(|_| !stores_secure_cookies(&origin)) {
            return Err(PagesError::GateNeedsTls { purpose: gate.purpose().clone(), origin });
        }
        if account.offers.contains(&ChallengeType::Webauthn)
            && let Some(relying_party) = account.relying_party(&origin)
            && challenges.webauthn_origins(&relying_party).is_some_and(|served| !served.contains(&origin))
        {
            return Err(PagesError::PasskeyOrigin { relying_party, origin });
        }
        let shared = Shared {
            challenges,
            prefix,
            origin,
            name,
            sign_in,
            sign_in_parameter,
            after_login,
            gates,
            catalogue,
            layout,
            account,
            content_policy: content_policy(&self.redirect_origins),
        };
        Ok(Pages { shared: Arc::new(shared) })
    }
}

/// Returns the gate of the account pages. Core compares the age with the policy again.
fn manage_gate(challenges: &Challenges, origin: &str) -> StepUpGate {
    let age: Duration = challenges.policy().grant_age;
    let gate = StepUpGate::new(challenges.clone(), Purpose::manage_factors(), age);
    let gate = StepUpCookie::named("challenges_manage").map_or(gate.clone(), |cookie| gate.with_cookie(cookie));
    if origin.starts_with("https:") { gate } else { gate.danger_without_tls() }
}

/// Returns whether browsers store cookies with `Secure` from an origin. Most browsers trust `localhost` without TLS.
fn stores_secure_cookies(origin: &Origin) -> bool {
    let host = host(origin.as_str());
    origin.as_str().starts_with("https:") || host == "localhost" || host.ends_with(".localhost")
}

fn is_prefix(prefix: &str) -> bool {
    let Some(path) = prefix.strip_prefix('/') else { return prefix.is_empty() };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    path.split('/').all(|part| !part.is_empty() && part != "." && part != ".." && part.bytes().all(plain))
}

/// Returns the host name of an origin, without brackets and port.
fn host(origin: &str) -> &str {
    let authority = origin.split_once("://").map_or(origin, |(_, authority)| authority);
    match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) if !address.contains(':') => address,
        // An IPv6 address has colons, which an otpauth issuer must not have.
        Some(_) => "localhost",
        None => authority.split_once(':').map_or(authority, |(host, _)| host),
    }
}
