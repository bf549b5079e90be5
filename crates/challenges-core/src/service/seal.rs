use super::Challenges;
use crate::engine::{SALT_KEY, salt_owner};
use crate::error::{Error, StepUpRefused};
use crate::keyring::{Place, Sealed};
use crate::secret::Secret;

impl Challenges {
    /// Seals a text for a cookie of this library's own pages. `label` names the use: a text sealed under one label opens
    /// under no other, and not as a step-up token. Only a service with the same store and keys opens the text.
    ///
    /// # Errors
    ///
    /// [`Error::Entropy`] when the random number generator fails.
    #[doc(hidden)]
    pub fn seal_text(&self, label: &str, text: &str) -> Result<String, Error> {
        let (engine, owner, field) = (&self.inner.engine, salt_owner()?, field(label));
        let place = Place { kind: SALT_KEY.kind, id: engine.owner_tags.store_id(), owner: &owner, field: &field };
        Ok(engine.seal(place, text.as_bytes())?.into_text())
    }

    /// Opens a text of [`seal_text`](Self::seal_text).
    ///
    /// # Errors
    ///
    /// [`Error::StepUp`] for any other text, or when the key is retired or not in the ring.
    #[doc(hidden)]
    pub fn open_text(&self, label: &str, sealed: &str) -> Result<Secret, Error> {
        let (engine, owner, field) = (&self.inner.engine, salt_owner()?, field(label));
        let place = Place { kind: SALT_KEY.kind, id: engine.owner_tags.store_id(), owner: &owner, field: &field };
        let opened = engine.keys.open_token(place, &Sealed::from_text(sealed));
        let plain = opened.map_err(|error| StepUpRefused::of(&error))?;
        Ok(std::str::from_utf8(&plain).map_err(|_| StepUpRefused::Forged)?.into())
    }
}

/// Returns the field of a label. No field of the library starts like this.
fn field(label: &str) -> String {
    format!("pages/{label}")
}
