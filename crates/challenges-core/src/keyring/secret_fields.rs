use super::{Mac, Place, Sealed};

/// A stored body with values under keys of the ring.
pub(crate) trait SecretFields {
    /// Returns every sealed value with its place, and every MAC.
    fn secret_fields(&mut self) -> Vec<SecretField<'_>>;
}

/// A value under a key of the ring.
pub(crate) enum SecretField<'a> {
    /// A sealed value, which can be sealed again under another key.
    Sealed(Place<'a>, &'a mut Sealed),
    /// A MAC, which cannot be re-keyed because its input is not stored.
    Mac(&'a Mac),
}
