use std::net::SocketAddr;
use std::path::Path;

use challenges_core::observer::TracingObserver;
use challenges_core::{ChallengeType, Challenges, Error, KeyRing, Policy};
use challenges_delivery::Dispatcher;
use challenges_http::{Api, Principal, StaticToken};
use challenges_pages::Pages;
use challenges_webauthn::Webauthn;

use crate::bank::{Bank, Users};
use crate::error::StartError;
use crate::flags::Flags;
use crate::outbound::Outbound;
use crate::public_url::PublicUrl;
use crate::store_choice::StoreChoice;
use crate::token::Token;

/// A demo, ready to serve.
#[derive(Debug)]
#[non_exhaustive]
pub struct Demo {
    /// The API, to mount at `/v1`.
    pub api: Api,
    /// The bank, for all other paths.
    pub bank: Bank,
    /// The JWK set of action tokens, to serve at `/.well-known/jwks.json`.
    pub key_set: String,
}

/// A demo and its background work.
#[derive(Debug)]
pub(crate) struct Started {
    pub(crate) demo: Demo,
    /// The service behind the API and the bank.
    pub(crate) challenges: Challenges,
    /// The sender of messages and actions.
    pub(crate) dispatcher: Dispatcher,
    /// Lines to print at start.
    pub(crate) notes: Vec<String>,
}

impl Demo {
    /// Sets up a demo for a listener bound to `bound`.
    ///
    /// # Errors
    ///
    /// Returns a [`StartError`] if a flag, a key file or the store cannot be used.
    pub(crate) async fn start(flags: &Flags, bound: SocketAddr) -> Result<Started, StartError> {
        let public_url = match &flags.public_url {
            Some(url) => url.clone(),
            None => PublicUrl::local(bound)?,
        };
        let mut notes = Vec::new();
        let token = match &flags.token {
            Some(token) => token.clone(),
            None => {
                let token = Token::generate()?;
                notes.push(format!("bearer token for /v1: {}", token.expose()));
                token
            }
        };
        notes.push(format!("open {}/ in a browser", public_url.as_str()));

        let keys = KeyRing::open_or_create(&flags.key_file).map_err(StartError::KeyRing)?;
        let (users, catalogue) = (users(flags)?, Bank::texts()?);
        let outbound = Outbound::new(flags, &keys, &public_url, &users, &catalogue)?;
        let store = flags.store.open(keys).await?;
        let store = store.policy(policy(&public_url)?).answer_page(public_url.answer_page()?);
        let store = store.webauthn(webauthn(&public_url)?).push_services(outbound.guard.clone());
        let store = store.observer(TracingObserver::new());
        // An empty store in place of the one of earlier starts would have no factor of any user.
        let store = if flags.expect_existing { store.expect_existing() } else { store };
        let challenges = store.build().await.map_err(|error| match error {
            Error::Empty => StartError::EmptyStore,
            Error::OtherKeys(source) => StartError::OtherKeys { path: flags.key_file.clone(), source },
            error => error.into(),
        })?;

        let authorizer = StaticToken::new(token.expose(), Principal::any_user().with_every_scope());
        let mut api = Api::builder(challenges.clone(), authorizer).public_base(public_url.as_str());
        if flags.confirm_actions {
            api = api.confirm_page(public_url.answer_page()?.as_str());
        }
        let api = api.build()?;
        let origin = public_url.origin()?;
        let mut offers = vec![ChallengeType::Totp, ChallengeType::Sms, ChallengeType::Email];
        offers.extend(public_url.relying_party().map(|_| ChallengeType::Webauthn));
        let bank = Bank::new(users, catalogue, challenges.clone(), origin.as_str(), offers, &outbound.push_key);
        let demo = Self { api, bank: bank.map_err(StartError::Bank)?, key_set: outbound.key_set };
        let dispatcher = Dispatcher::new(challenges.clone(), outbound.delivery);
        Ok(Started { demo, challenges, dispatcher, notes })
    }
}

/// Opens the users. With a store in memory, the users are in memory too. Otherwise, after a restart, users without
/// their factors could sign in with the password alone.
fn users(flags: &Flags) -> Result<Users, StartError> {
    let path: &Path = match flags.store {
        StoreChoice::Memory => Path::new(":memory:"),
        StoreChoice::Sqlite(_) | StoreChoice::Postgres(_) | StoreChoice::Redis(_) => &flags.users,
    };
    Users::open(path).map_err(|source| StartError::Users { path: path.into(), source })
}

/// Sets up WebAuthn with the relying party of the demo's pages. For other relying parties, requested by API callers,
/// the origin is `https://` and the relying party id.
pub(crate) fn webauthn(public_url: &PublicUrl) -> Result<Webauthn, StartError> {
    let Some(relying_party) = public_url.relying_party() else { return Ok(Webauthn::new()) };
    Ok(Webauthn::builder().relying_party(relying_party, [public_url.origin()?]).build()?)
}

pub(crate) fn policy(public_url: &PublicUrl) -> Result<Policy, StartError> {
    let mut policy = Policy::default();
    policy.trusted_purposes = vec![Pages::login_purpose()?]; // "Trust this browser" at sign-in.
    // A real application allows only its own origins.
    policy.response_origins = [public_url.origin()?].into();
    policy.any_https_response_origin = true;
    // After a step-up, a visitor may remove everything and start over.
    policy.remove_last_factor = true;
    Ok(policy)
}
