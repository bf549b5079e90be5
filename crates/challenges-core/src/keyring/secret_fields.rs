use super::{Mac, Place, Sealed};

/// A stored body with values under keys of the ring.
pub(crate) trait SecretFields {
    /// Returns every sealed value with the place, and every MAC.
    fn secret_fields(&mut self) -> Vec<SecretField<'_>>;
}

/// A value under a key of the ring.
pub(crate) enum SecretField<'a> {
    /// A sealed value. Key rotation seals the value again under the active key.
    Sealed(Place<'a>, &'a mut Sealed),
    /// A MAC. Key rotation cannot re-key a MAC, because the input is not stored.
    Mac(&'a Mac),
}
