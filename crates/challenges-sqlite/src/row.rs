use bytes::Bytes;
use challenges_core::store::{Key, Kind, Record, StoreError, Stored, Version};
use challenges_core::{Id, InvalidId};
use rusqlite::Row;
use rusqlite::types::FromSqlError;

use crate::{fault, number};

/// What [`decode`] reads, in its order.
macro_rules! columns {
    () => {
        "id, owner, version, due, expires, body"
    };
}
pub(crate) use columns;

/// Why a row is no record.
#[derive(Debug, thiserror::Error)]
enum Corruption {
    #[error("a row has no valid id")]
    Id(#[source] InvalidId),
    // Of a challenge's id, which is a capability, its debug output shows the prefix alone.
    #[error("the row of {0:?} is filed under another owner than its id names")]
    Owner(Key),
    #[error("the row of {0:?} has no version of 16 bytes")]
    Version(Key),
    #[error("a column holds a value of another type")]
    Type(#[source] FromSqlError),
}

impl From<FromSqlError> for Corruption {
    fn from(error: FromSqlError) -> Self {
        Self::Type(error)
    }
}

/// The record of a row that was found under that kind.
pub(crate) fn decode(kind: Kind, row: &Row<'_>) -> Result<Stored, StoreError> {
    let column = |index: usize| row.get_ref(index).map_err(fault::of_read);
    let (id, owner, version) = (column(0)?, column(1)?, column(2)?);
    let (due, expires, body) = (column(3)?, column(4)?, column(5)?);
    let decode = || -> Result<Stored, Corruption> {
        let id: Id = id.as_str()?.parse().map_err(Corruption::Id)?;
        let key = Key::new(kind, id);
        if owner.as_i64()? != number::from_owner(id.owner()) {
            return Err(Corruption::Owner(key));
        }
        let version = version.as_blob()?.try_into().map_err(|_| Corruption::Version(key))?;
        let record = Record {
            key,
            due: due.as_i64_or_null()?.map(number::to_time),
            expires: expires.as_i64_or_null()?.map(number::to_time),
            body: Bytes::copy_from_slice(body.as_blob()?),
        };
        Ok(Stored { record, version: Version::from_bytes(version) })
    };
    decode().map_err(|corruption| StoreError::Corrupt(Box::new(corruption)))
}
