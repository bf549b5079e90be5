//! Races for the secret of a trusted device.

use std::collections::BTreeSet;
use std::time::Duration;

use challenges_core::devices::TrustedDevice;
use challenges_core::{
    Answer, ChallengeSpec, ChallengeType, Challenges, Description, Error, Owner, Policy, Purpose, Secret,
};
use futures::future::BoxFuture;

use super::failure::{Complaint, Verdict, ensure};
use super::fixture::Fixture;
use super::host::Host;
use super::race::rounds;

/// R70: many concurrent checks of one secret, and of the same secret after the grace.
pub(super) async fn one_secret_of_a_device(fixture: &Fixture<'_>) -> Verdict {
    let purpose = Purpose::new("login").map_err(Error::from)?;
    let mut policy = Policy::default();
    policy.trusted_purposes = vec![purpose.clone()];
    let host = Host::new(fixture, policy).await?;
    for (round, tasks) in rounds(fixture) {
        let owner = Owner::user(format!("user{round}")).map_err(Error::from)?;
        let first = trust(&host.challenges, &owner, &purpose).await?;
        let before = host.observed.thefts();
        let replies = check(fixture, &host, tasks, &owner, &purpose, &first).await?;
        let distinct: BTreeSet<_> = replies.iter().flatten().collect();
        let refused = replies.iter().filter(|reply| reply.is_none()).count();
        let thefts = host.observed.thefts() - before;
        ensure!(
            (distinct.len(), refused, thefts) == (1, 0, 0),
            "{tasks} concurrent checks of one secret returned {} new secrets, {refused} were refused and {thefts} thefts found; expected one new secret",
            distinct.len(),
        );
        host.clock.advance(TrustedDevice::GRACE.saturating_add(Duration::from_secs(1)));
        let replies = check(fixture, &host, tasks, &owner, &purpose, &first).await?;
        let accepted = replies.iter().flatten().count();
        let thefts = host.observed.thefts() - before;
        let left = host.challenges.devices().list(&owner).await?.len();
        ensure!(
            (accepted, thefts, left) == (0, 1, 0),
            "{tasks} concurrent checks of a replaced secret: {accepted} accepted, {thefts} thefts found, {left} devices left; expected one theft"
        );
    }
    host.raced()
}

/// Trusts a device of a user, and returns the secret.
async fn trust(challenges: &Challenges, owner: &Owner, purpose: &Purpose) -> Verdict<String> {
    let spec = ChallengeSpec::new(ChallengeType::Code).map_err(Error::from)?.with_purpose(purpose.clone());
    let created = challenges.create(owner.clone(), spec).await?;
    let code = created.code.map(|code| code.expose().to_owned()).unwrap_or_default();
    let answer = Answer::allow(created.challenge.id(), ChallengeType::Code, code);
    let Some(passed) = challenges.answer(answer).await?.passed() else {
        return Err(Complaint::Wrong("a right answer was declined".to_owned()));
    };
    let label = Description::new("browser").map_err(Error::from)?;
    let (_, secret) = challenges.devices().trust(&passed, label).await?;
    Ok(secret.expose().to_owned())
}

/// Checks a secret in concurrent tasks. Returns the next secret of each task, or `None` where refused.
async fn check(
    fixture: &Fixture<'_>,
    host: &Host,
    tasks: usize,
    owner: &Owner,
    purpose: &Purpose,
    secret: &str,
) -> Verdict<Vec<Option<String>>> {
    let task = |_| -> BoxFuture<'static, Verdict<Option<String>>> {
        let (challenges, owner, purpose) = (host.challenges.clone(), owner.clone(), purpose.clone());
        let secret = Secret::from(secret);
        Box::pin(async move {
            let checked = challenges.devices().check(&owner, &secret, &purpose).await?;
            Ok(checked.map(|(_, next)| next.expose().to_owned()))
        })
    };
    fixture.race((0..tasks).map(task).collect()).await
}
