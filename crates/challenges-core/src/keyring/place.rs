use crate::id::Id;
use crate::owner::Owner;
use crate::store::Kind;

/// Where a sealed or hashed value belongs: moved anywhere else, it does not open.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// What the record is about.
    pub kind: Kind,
    /// The record.
    pub id: Id,
    /// Whose the record is.
    pub owner: &'a Owner,
    /// The field within the record.
    pub field: &'a str,
}

impl<'a> Place<'a> {
    /// Another field of the same record.
    #[must_use]
    pub const fn field(self, field: &'a str) -> Self {
        Self { field, ..self }
    }

    /// All of it, so that no two places give the same bytes.
    pub(super) fn write_to(&self, mut write: impl FnMut(&[u8])) {
        write(&[1, self.kind.code()]);
        write(self.id.encode().as_str().as_bytes());
        self.owner.write_to(&mut write);
        write(&u64::try_from(self.field.len()).unwrap_or(u64::MAX).to_le_bytes());
        write(self.field.as_bytes());
    }
}
