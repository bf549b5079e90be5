use crate::id::Id;
use crate::owner::Owner;
use crate::store::Kind;

/// The place of a sealed value or keyed hash: the field of a record. Values moved to any other place do not open.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    /// The kind of the record.
    pub(crate) kind: Kind,
    /// The id of the record.
    pub(crate) id: Id,
    /// The owner of the record.
    pub(crate) owner: &'a Owner,
    /// The field within the record.
    pub(crate) field: &'a str,
}

impl<'a> Place<'a> {
    /// Returns the place of another field of the same record.
    #[must_use]
    pub(crate) const fn field(self, field: &'a str) -> Self {
        Self { field, ..self }
    }

    /// Writes all parts, so that no two places give the same bytes.
    pub(super) fn write_to(&self, mut write: impl FnMut(&[u8])) {
        write(&[1, self.kind.code()]);
        write(self.id.encode().as_str().as_bytes());
        self.owner.write_to(&mut write);
        write(&u64::try_from(self.field.len()).unwrap_or(u64::MAX).to_le_bytes());
        write(self.field.as_bytes());
    }
}
