use bytes::Bytes;
use challenges_core::Invalid;
use challenges_core::store::{Id, Key, Kind, Record, StoreError, Stored};
use rusqlite::Row;
use rusqlite::types::FromSqlError;

use crate::{fault, number};

/// The columns that [`decode`] reads, in order.
macro_rules! columns {
    () => {
        "id, owner, version, due, expires, body"
    };
}
pub(crate) use columns;

/// A reason why a row is not a valid record.
#[derive(Debug, thiserror::Error)]
enum Corruption {
    #[error("a row has an invalid id")]
    Id(#[source] Invalid),
    // A challenge's id is a capability, so the `Debug` of a key shows only a prefix of the id.
    #[error("the owner column of {0:?} does not match its id")]
    Owner(Key),
    #[error("the version of {0:?} is not 16 bytes long")]
    Version(Key),
    #[error("a column holds a value of the wrong type")]
    Type(#[source] FromSqlError),
}

impl From<FromSqlError> for Corruption {
    fn from(error: FromSqlError) -> Self {
        Self::Type(error)
    }
}

/// Decodes a row of `kind`.
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
        Ok(Stored { record, version })
    };
    decode().map_err(|corruption| StoreError::Corrupt(Box::new(corruption)))
}
