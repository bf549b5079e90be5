use serde::Deserialize;

use crate::challenge_type::ChallengeType;
use crate::endpoints::{self, Endpoint};
use crate::engine::{Change, Engine, Entity as _, MAX_TRIES};
use crate::error::Error;
use crate::keyring::untrusted;
use crate::owner::Owner;
use crate::store::{Commit, Kind, Stored, Write};
use crate::throttle::{self, Counters};
use crate::webauthn::{self, WebauthnEnrollment};

/// The number of records deleted in one commit.
const PAGE: usize = 64;

/// Deletes every record of an owner, and returns the number.
///
/// Ends when a snapshot of all kinds holds no record of the owner. Records written meanwhile are deleted in another
/// round.
pub(super) async fn erase(engine: &Engine, owner: &Owner) -> Result<usize, Error> {
    close(engine, owner).await?;
    let kinds: Vec<_> = Kind::ALL.into_iter().filter(|kind| is_of_owner(*kind)).collect();
    let snapshot = engine.load_owned(owner, &kinds);
    let mut records = 0_usize;
    for _ in 0..MAX_TRIES {
        records = records.saturating_add(throttle::erase_budgets(engine, owner).await?);
        // The counters go last, with the mark of `close`.
        for kind in kinds.iter().filter(|kind| **kind != Kind::Counters).chain(&[Kind::Counters]) {
            records = records.saturating_add(erase_kind(engine, owner, *kind).await?);
        }
        let left = engine.store.load(&snapshot).await?;
        if !left.records().iter().any(|stored| belongs_to(stored, owner)) {
            return Ok(records);
        }
    }
    Err(Error::Contended)
}

/// Returns whether the records of a kind have an owner, under whose tag they are listed.
const fn is_of_owner(kind: Kind) -> bool {
    match kind {
        Kind::Counters
        | Kind::Challenge
        | Kind::TotpEnrollment
        | Kind::WebauthnEnrollment
        | Kind::Endpoint
        | Kind::Outbox
        | Kind::DeadLetter
        | Kind::ActionResult
        | Kind::RecoveryCodes
        | Kind::TrustedDevice => true,
        // Reservations and budgets are in other shards. `release` deletes the reservations, and `erase_budgets` the
        // budgets.
        Kind::Salt | Kind::Reservation => false,
    }
}

/// Marks the account as one that lost a factor. Otherwise an erasure that fails halfway could leave a user without a
/// factor, for whom a stranger could enroll.
async fn close(engine: &Engine, owner: &Owner) -> Result<(), Error> {
    let load = super::status::load(engine, owner);
    engine
        .transact(Some(&load), |loaded, now| {
            // Unreadable counters need no mark: no grant of a user admits an enrollment while the counters are
            // unreadable.
            if loaded.records().is_empty() {
                return Ok(Change::none(()));
            }
            let Ok(mut counters) = Counters::read(engine, loaded, owner) else { return Ok(Change::none(())) };
            counters.lose_factor(ChallengeType::Totp);
            Ok(Change::new(vec![counters.write(engine, now)?], ()))
        })
        .await
}

/// Deletes the records of a kind, page by page.
async fn erase_kind(engine: &Engine, owner: &Owner, kind: Kind) -> Result<usize, Error> {
    let tag = engine.owner_tags.tag(owner);
    let (mut after, mut records, mut conflicts) = (None, 0_usize, 0);
    loop {
        let page = engine.store.list(kind, Some(tag), after, PAGE).await?;
        let owned: Vec<_> = page.records.iter().filter(|stored| belongs_to(stored, owner)).collect();
        for stored in &owned {
            release(engine, stored).await?;
        }
        let writes: Vec<_> = owned.iter().map(|stored| Write::delete(stored.record.key, stored.version)).collect();
        if !writes.is_empty() && engine.commit(writes).await? == Commit::Conflict {
            conflicts += 1;
            if conflicts == MAX_TRIES {
                return Err(Error::Contended);
            }
            continue;
        }
        records = records.saturating_add(owned.len());
        after = page.next;
        if after.is_none() {
            return Ok(records);
        }
    }
}

/// Deletes the reservation of a record in the reservation's own shard.
///
/// The reservation is deleted before the record, because only the record names the reservation. After a crash in
/// between, the next erasure finds the record. Meanwhile another user could reserve the same credential, which opens
/// neither account.
async fn release(engine: &Engine, stored: &Stored) -> Result<(), Error> {
    match stored.record.key.kind {
        Kind::WebauthnEnrollment => match WebauthnEnrollment::decode(stored) {
            Ok(enrollment) => webauthn::release(engine, &enrollment).await,
            Err(_) => Ok(()),
        },
        Kind::Endpoint => match Endpoint::decode(stored) {
            Ok(endpoint) => endpoints::try_release(engine, &endpoint).await,
            Err(_) => Ok(()),
        },
        Kind::Salt
        | Kind::Counters
        | Kind::Challenge
        | Kind::TotpEnrollment
        | Kind::Reservation
        | Kind::Outbox
        | Kind::DeadLetter
        | Kind::ActionResult
        | Kind::RecoveryCodes
        | Kind::TrustedDevice => Ok(()),
    }
}

/// The owner in the body of any record that has one.
#[derive(Deserialize)]
struct Owned {
    owner: Option<Owner>,
}

/// Returns whether a record listed under the owner's tag belongs to the owner. Two owners may share a tag, so the name
/// in the record decides, even if the record does not verify. A record without a readable name counts as the owner's:
/// the result of an action has no name, and other such records are unusable.
fn belongs_to(stored: &Stored, owner: &Owner) -> bool {
    let body = untrusted::content(&stored.record.body).unwrap_or(&stored.record.body);
    let first = serde_json::Deserializer::from_slice(body).into_iter::<Owned>().next();
    match first {
        Some(Ok(Owned { owner: Some(named) })) => named == *owner,
        Some(Ok(Owned { owner: None }) | Err(_)) | None => true,
    }
}
