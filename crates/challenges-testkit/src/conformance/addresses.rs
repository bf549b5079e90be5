//! Concurrent changes of the addresses of a user, through the service.

use challenges_core::endpoints::Address;
use challenges_core::outbox::{Notice, OutboxEntry, Task};
use challenges_core::{ChallengeType, Error, Invalid, Owner, Policy, Secret};
use futures::future::BoxFuture;

use super::failure::{Complaint, Verdict, ensure};
use super::fixture::Fixture;
use super::host::Host;
use super::race::rounds;
use crate::administrator;

/// R67: the code of an e-mail address confirms once, and the earlier address is told once.
pub(super) async fn one_confirmation(fixture: &Fixture<'_>) -> Verdict {
    let host = Host::new(fixture, Policy::default()).await?;
    let endpoints = host.challenges.endpoints();
    for (round, tasks) in rounds(fixture) {
        let owner = Owner::user(format!("user{round}")).map_err(Error::from)?;
        let phone = Address::Phone("+15550100199".parse().map_err(Error::from)?);
        endpoints.register_confirmed(owner.clone(), &administrator(), phone).await?;
        let email = "ann@example.org".parse().map_err(Error::from)?;
        let id = endpoints.register_email(owner.clone(), &administrator(), email).await?.id();
        let code = entries(&host, &owner).await?.into_iter().find_map(|entry| match entry.task {
            Task::Confirm { code, .. } => Some(code),
            _ => None,
        });
        let Some(code) = code else { return Err(Complaint::Wrong("no code is queued".to_owned())) };
        let confirm = |_| -> BoxFuture<'static, Verdict<bool>> {
            let (challenges, owner, code) = (host.challenges.clone(), owner.clone(), Secret::from(code.expose()));
            Box::pin(async move {
                match challenges.endpoints().confirm(&owner, &administrator(), id, &code).await {
                    Ok(_) => Ok(true),
                    Err(Error::Invalid(Invalid::ConfirmationCode) | Error::Contended) => Ok(false),
                    Err(error) => Err(error.into()),
                }
            })
        };
        let replies = fixture.race((0..tasks).map(confirm).collect()).await?;
        let confirmed = replies.into_iter().filter(|confirmed| *confirmed).count();
        let is_notice = |entry: &OutboxEntry| {
            matches!(entry.task, Task::Notice { notice: Notice::Added(ChallengeType::Email), .. })
        };
        let told = entries(&host, &owner).await?.into_iter().filter(is_notice).count();
        ensure!(
            confirmed == 1 && told == 1,
            "of {tasks} concurrent confirmations of one address, {confirmed} succeeded and {told} were told; expected one"
        );
    }
    host.raced()
}

async fn entries(host: &Host, owner: &Owner) -> Verdict<Vec<OutboxEntry>> {
    let listed = host.challenges.outbox().list(Some(owner), None, 500).await?;
    Ok(listed.into_iter().filter_map(Result::ok).collect())
}
