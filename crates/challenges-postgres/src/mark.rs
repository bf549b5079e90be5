//! The mark of the records: shows a running store that its records are still there.
//!
//! In an empty store nobody has a factor. The first store opened on the tables therefore writes a random mark next to
//! the records, and later stores read the mark. The functions of loads, lists and commits compare the mark. So nothing
//! is decided after the tables were emptied or the schema was created again, even once another process has marked the
//! empty tables.

use crate::OpenError;
use crate::client::Client;
use crate::fault::Fault;
use crate::row::Corruption;
use crate::schema::{SchemaName, single};

/// Reads the mark, as hexadecimal digits. Marks new tables.
pub(crate) async fn read(client: &Client, schema: &SchemaName) -> Result<String, OpenError> {
    let name = schema.as_str();
    // First without writing, for a server that only reads.
    let select =
        format!("SELECT encode(version, 'hex') FROM \"{name}\".records WHERE kind = -1 AND owner = 0 AND id = 'store'");
    // Another process may mark the tables at the same time, and both get its mark.
    let insert = format!(
        "INSERT INTO \"{name}\".records AS r (kind, owner, id, version, body)
            VALUES (-1, 0, 'store', uuid_send(gen_random_uuid()), '')
            ON CONFLICT (kind, owner, id) DO UPDATE SET version = r.version RETURNING encode(r.version, 'hex')"
    );
    for sql in [select, insert] {
        let rows = client.text(&sql).await.map_err(OpenError::of)?;
        if let Some(mark) = single(&rows) {
            return Ok(mark.to_owned());
        }
    }
    Err(OpenError::Postgres(Box::new(Fault::from(Corruption::Reply))))
}
