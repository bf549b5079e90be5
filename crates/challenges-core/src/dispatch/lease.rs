use crate::challenge::Challenge;
use crate::codec;
use crate::engine::{self, Versioned};
use crate::error::Error;
use crate::id::EndpointId;
use crate::outbox::{Body, Death};
use crate::store::{Key, Kind, Load, Loaded, Record, Stored, Version, Write};
use crate::time::Timestamp;

/// An outbox entry, as last read or written by the holder. Every write asserts the version, so a holder without the
/// lease changes nothing.
pub(super) struct Lease {
    body: Body,
    version: Version,
    garbage_at: Option<Timestamp>,
}

impl Lease {
    /// Reads an entry before leasing.
    pub(super) fn read(stored: &Stored) -> Result<Self, Error> {
        let body = codec::decode(&stored.record.body)?;
        Ok(Self { body, version: stored.version, garbage_at: stored.record.expires })
    }

    /// Returns the lease with another attempt counted, under a new version.
    pub(super) fn with_attempt(&self, version: Version) -> Self {
        let mut body = self.body.clone();
        body.attempts = body.attempts.saturating_add(1);
        Self { body, version, garbage_at: self.garbage_at }
    }

    /// Marks the message as counted in the message budgets. The next write of the entry stores the mark. After a crash
    /// before this write, the retry counts as another message.
    pub(super) const fn mark_counted(&mut self) {
        self.body.counted = true;
    }

    pub(super) const fn body(&self) -> &Body {
        &self.body
    }

    pub(super) const fn version(&self) -> Version {
        self.version
    }

    pub(super) const fn attempts(&self) -> u32 {
        self.body.attempts
    }

    pub(super) const fn until(&self) -> Timestamp {
        self.body.until
    }

    pub(super) const fn endpoint(&self) -> Option<EndpointId> {
        self.body.endpoint()
    }

    pub(super) const fn key(&self) -> Key {
        Key::new(Kind::Outbox, self.body.id.0)
    }

    /// Returns a request for the challenge and for all records of these kinds of the owner.
    pub(super) fn load(&self, owned: &[Kind]) -> Load {
        let load = match self.body.challenge {
            Some(challenge) => engine::load::<Challenge>(challenge.0),
            None => Load::key(self.key()),
        };
        load.with_owned(owned)
    }

    /// Finds the challenge. An unreadable challenge counts as deleted: failing here would repeat the message for ever.
    pub(super) fn challenge(&self, loaded: &Loaded) -> Option<Versioned<Challenge>> {
        engine::find(loaded, self.body.challenge?.0).ok()
    }

    /// Returns the write that stores the entry over `version`, due at the time given.
    pub(super) fn put_over(&self, version: Version, due: Timestamp) -> Result<Write, Error> {
        let body = codec::encode(&self.body)?;
        let record = Record { key: self.key(), due: Some(due), expires: self.garbage_at, body };
        Ok(Write::update(version, record))
    }

    pub(super) fn delete(&self) -> Write {
        Write::delete(self.key(), self.version)
    }

    /// Returns the write that creates the dead letter. The letter of an action never expires.
    pub(super) fn bury(&self, death: Death) -> Result<Write, Error> {
        let mut body = self.body.clone();
        body.dead = Some(death);
        let record = Record {
            key: Key::new(Kind::DeadLetter, body.id.0),
            due: None,
            expires: self.garbage_at,
            body: codec::encode(&body)?,
        };
        Ok(Write::create(record))
    }
}
