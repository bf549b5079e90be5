use zeroize::Zeroizing;

use super::TotpEnrollment;
use super::code::Parameters;
use super::enrollment::{TotpFactor, key_place};
use crate::engine::Engine;
use crate::enrollment::{self, observe_completed};
use crate::error::{Error, Invalid};
use crate::owner::Owner;

/// The key of another system.
pub(crate) struct Seed {
    pub(crate) key: Zeroizing<Vec<u8>>,
    pub(crate) parameters: Parameters,
}

impl Seed {
    /// Returns `None` unless the key has 10 to 128 bytes.
    pub(crate) fn new(key: Zeroizing<Vec<u8>>, parameters: Parameters) -> Option<Self> {
        (10..=128).contains(&key.len()).then_some(Self { key, parameters })
    }

    /// Returns whether the key has less than 128 bits (RFC 4226 section 4, R6).
    pub(crate) fn is_weak(&self) -> bool {
        self.key.len() < 16
    }

    /// Returns whether an enrollment has this key.
    fn is_of(&self, engine: &Engine, enrollment: &TotpEnrollment) -> Result<bool, Error> {
        if !enrollment.is_completed() || enrollment.key(&engine.keys)? != self.key {
            return Ok(false);
        }
        // The six digits of a code are also the last six of eight: each of two enrollments would accept the code.
        if enrollment.parameters() != self.parameters {
            let need = "new for the user; delete the enrollment that has it with other parameters first";
            return Err(Invalid::Import { field: "secret", need }.into());
        }
        Ok(true)
    }
}

/// Stores a completed enrollment with the key of another system, unless the user has one with this key. Returns the
/// enrollment, and whether the enrollment is new. A dry run stores nothing.
pub(crate) async fn import(
    engine: &Engine,
    owner: &Owner,
    seed: &Seed,
    dry_run: bool,
) -> Result<(TotpEnrollment, bool), Error> {
    let is_same = |enrolled: &TotpEnrollment| seed.is_of(engine, enrolled);
    let imported = enrollment::import(engine, owner, dry_run, is_same, |place| {
        Ok(TotpFactor::imported(engine.seal(key_place(place), &seed.key)?, seed.parameters))
    })
    .await?;
    if let (enrollment, true) = &imported
        && !dry_run
    {
        observe_completed(engine, enrollment);
    }
    Ok(imported)
}
