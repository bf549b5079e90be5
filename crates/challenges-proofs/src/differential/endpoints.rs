use challenges_core::endpoints::{Address, PushSubscription};
use challenges_core::outbox::Task;
use challenges_core::{ChallengeType, Error};
use challenges_testkit::administrator;

use super::challenges::both_ways;
use super::host::{Host, shown};
use super::operation::{Pick, User};

/// Operations on endpoints, the outbox and lists.
impl Host<'_> {
    pub(super) async fn register(&mut self, user: User, channel: ChallengeType) -> Result<String, Error> {
        let address = match channel {
            ChallengeType::Sms => Address::Phone(format!("+4915112345{:03}", user.0).parse()?),
            ChallengeType::Email => Address::Email(format!("user{}@example.org", user.0).parse()?),
            _ => {
                let url = format!("https://push.example/{}", self.endpoints.len());
                Address::Push(PushSubscription::new(&url, &"A".repeat(87), &"A".repeat(22))?)
            }
        };
        let endpoint = self.challenges.endpoints().register_confirmed(user.owner()?, &administrator(), address).await?;
        self.endpoints.push((user, endpoint.channel(), endpoint.id()));
        Ok(format!("{} {:?}", endpoint.id(), endpoint.created()))
    }

    pub(super) async fn remove(&mut self, pick: Pick) -> Result<String, Error> {
        let index = pick.index(self.endpoints.len()).ok_or(Error::NotFound)?;
        let (user, _, id) = self.endpoints.remove(index);
        self.challenges.endpoints().delete(&user.owner()?, &administrator(), id).await?;
        Ok("removed".to_owned())
    }

    /// Reads all outbox entries and all due entries. The users then know the secrets of the messages.
    pub(super) async fn look_into_outbox(&mut self) -> Result<String, Error> {
        let mut entries = Vec::new();
        for entry in self.challenges.outbox().list(None, None, 500).await? {
            let entry = match entry {
                Ok(entry) => entry,
                Err(unreadable) => {
                    entries.push(format!("{unreadable:?}"));
                    continue;
                }
            };
            let about = format!("{} {:?} {:?}", entry.id, entry.owner, entry.challenge);
            entries.push(match &entry.task {
                Task::Deliver { channel, endpoint, secret, link, .. } => {
                    let (secret, link) = (secret.expose(), link.expose());
                    if let Some(made) = self.made.iter_mut().find(|made| entry.challenge == Some(made.id)) {
                        made.secrets.extend(both_ways(*channel, secret));
                    }
                    format!("{about} {channel} {endpoint} {secret} {link}")
                }
                other => format!("{about} {other:?}"),
            });
        }
        let due = self.challenges.outbox().due(usize::MAX).await?;
        entries.extend(due.iter().map(|entry| format!("due: {}", entry.id())));
        // Entries with equal due times may be in any order.
        entries.sort_unstable();
        Ok(entries.join(", "))
    }

    pub(super) async fn list(&self, user: User, limit: usize) -> Result<String, Error> {
        let (owner, now) = (user.owner()?, self.challenges.now());
        let challenges = self.challenges.list(&owner, None, limit).await?;
        let totp = self.challenges.totp().list(&owner, None, limit).await?;
        let webauthn = self.challenges.webauthn().list(&owner, None, limit).await?;
        let everybodys = self.challenges.totp().list_tenant(owner.tenant(), None, limit).await?;
        let endpoints = self.challenges.endpoints().list(&owner, None, limit).await?;
        let challenges: Vec<_> = challenges.iter().map(|challenge| shown(challenge, now)).collect();
        let addresses: Result<Vec<_>, _> = endpoints
            .iter()
            .map(|it| self.challenges.endpoints().address(it).map(|address| (it.id(), address.channel())))
            .collect();
        Ok(format!("{challenges:?} {totp:?} {webauthn:?} {everybodys:?} {:?}", addresses?))
    }
}
