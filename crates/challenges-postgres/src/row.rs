use challenges_core::Invalid;
use challenges_core::store::{Id, Key, Kind, Record, Stored};

use crate::call::RawRecord;
use crate::number;

/// The kind of the mark; records have kinds from 0.
const MARK: i16 = -1;

/// A reason why a row is not a valid record.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Corruption {
    #[error("a row has the unknown kind {0}; a later release may have written it")]
    Kind(i16),
    #[error("a row has an invalid id")]
    Id(#[source] Invalid),
    // A challenge's id is a capability, so the `Debug` of a key shows only a prefix of the id.
    #[error("the owner column of {0:?} does not match its id")]
    Owner(Key),
    #[error("the version of {0:?} is not 16 bytes long")]
    Version(Key),
    // A function that was not run returns no rows, and must not pass for a user without records.
    #[error(
        "a reply does not begin with the mark of the records; somebody changed a function of the schema, or an earlier \
         release made it: run PostgresStore::verify, and PostgresStore::migrate to restore the function"
    )]
    Unmarked,
    #[error("a reply has another shape than the functions of this release return")]
    Reply,
}

/// Decodes the records after the mark that every reply begins with.
pub(crate) fn records(rows: Vec<RawRecord>) -> Result<Vec<Stored>, Corruption> {
    let mut rows = rows.into_iter();
    match rows.next() {
        Some(first) if first.kind == MARK => rows.map(decode).collect(),
        Some(_) | None => Err(Corruption::Unmarked),
    }
}

fn decode(row: RawRecord) -> Result<Stored, Corruption> {
    let kind = u8::try_from(row.kind).ok().and_then(Kind::from_code).ok_or(Corruption::Kind(row.kind))?;
    let id: Id = row.id.parse().map_err(Corruption::Id)?;
    let key = Key::new(kind, id);
    if row.owner != number::from_owner(id.owner()) {
        return Err(Corruption::Owner(key));
    }
    let version = row.version.try_into().map_err(|_| Corruption::Version(key))?;
    let record = Record {
        key,
        due: row.due.map(number::to_time),
        expires: row.expires.map(number::to_time),
        body: row.body.into(),
    };
    Ok(Stored { record, version })
}
