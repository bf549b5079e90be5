use serde_json::json;

use crate::error::Error;
use crate::location::Location;
use crate::report::Report;
use crate::store::{self, Opening};

/// Copies a store into another one.
pub(crate) async fn run(from: &str, to: &str) -> Result<Report, Error> {
    let (from, to): (Location, Location) = (from.parse()?, to.parse()?);
    if from == to {
        return Err(Error::SameStore);
    }
    let source = store::open(&from, Opening::Use).await?;
    let target = store::open(&to, Opening::Create).await?;
    let (written, found) =
        challenges_core::store::copy(&*source.records(), &*target.records()).await.map_err(Error::Copy)?;
    let text = format!(
        "{written} records copied, {found} were there already; both stores are equal\nstart the service on the new store with the same \
         keys, and never use the old store again\n"
    );
    Ok(Report::new(json!({ "written": written, "found": found })).with_text(text))
}
