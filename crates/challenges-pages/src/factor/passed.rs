use challenges_core::{Description, Error, Invalid, Passed, StepUp};
use challenges_http::{GrantError, StepUpGate};

use super::case::{Case, Kind};
use super::question::cookie_name;
use crate::browser;
use crate::incoming::Incoming;
use crate::login_cookies::Credentials;
use crate::pages::Pages;
use crate::problem::Problem;
use crate::reply::Reply;

/// Redirects after a right answer: to the page that needed the step-up, or to the path that makes the session.
pub(super) async fn reply(
    pages: &Pages,
    incoming: &Incoming,
    case: &Case<'_>,
    passed: Passed,
    trust: bool,
) -> Result<Reply, Problem> {
    match &case.kind {
        Kind::StepUp(gate) => step_up(pages, incoming, case, gate, passed).await,
        Kind::Login(password, credentials) => {
            let passed = match password {
                Some(verified_at) => passed.with_password(*verified_at),
                None => passed,
            };
            sign_in(pages, incoming, case, &passed, credentials.as_ref(), trust).await
        }
    }
}

async fn sign_in(
    pages: &Pages,
    incoming: &Incoming,
    case: &Case<'_>,
    passed: &Passed,
    credentials: Option<&Credentials>,
    trust: bool,
) -> Result<Reply, Problem> {
    let mut reply =
        Reply::leave(pages.shared.after_login.clone()).with_header(pages.clear_cookie(&cookie_name(&case.purpose)));
    for header in pages.fresh_login(passed, credentials, &case.return_to, &incoming.headers)? {
        reply = reply.with_header(header);
    }
    for gate in pages.shared.gates.iter().filter(|gate| gate.accepts(&case.purpose)) {
        reply = reply.with_header(grant(gate, passed)?);
    }
    if trust && pages.trusts_browsers() {
        let label = Description::new(browser::label(&incoming.headers))?;
        match pages.shared.challenges.devices().trust(passed, label).await {
            Ok((_, secret)) => reply = reply.with_header(pages.device_cookie(&secret)),
            // A recovery code trusts no browser.
            Err(Error::Invalid(Invalid::NotTrusted)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(reply)
}

async fn step_up(
    pages: &Pages,
    incoming: &Incoming,
    case: &Case<'_>,
    gate: &StepUpGate,
    passed: Passed,
) -> Result<Reply, Problem> {
    // A gate for two factors takes one at a time.
    let passed = match gate.lend(&case.owner, &incoming.headers).await? {
        Some(earlier) => after(passed, &earlier)?,
        None => passed,
    };
    let token = grant(gate, &passed)?;
    let now = pages.shared.challenges.now();
    let next = match gate.requirement().met_by(passed.evidence(), now) {
        Ok(_) => Reply::leave(case.return_to.clone()),
        // The page asks for another factor, because the token is there.
        Err(_) => Reply::see(format!("factor{}", case.query())),
    };
    Ok(next.with_header(token).with_header(pages.clear_cookie(&cookie_name(&case.purpose))))
}

fn after(passed: Passed, earlier: &StepUp) -> Result<Passed, Problem> {
    passed.after(earlier).map_err(|refused| Error::from(refused).into())
}

fn grant(gate: &StepUpGate, passed: &Passed) -> Result<(http::HeaderName, http::HeaderValue), Problem> {
    gate.grant(passed).map_err(|error| match error {
        GrantError::Core(error) => error.into(),
        _ => Problem::NoSuchPage,
    })
}
