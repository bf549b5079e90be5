use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use super::Observation;

/// Writes a flat map for audit logs: `event`, and where known `kind`, `reason`, `warning`, `tenant`, `user`,
/// `challenge` (the prefix), `id` and `detail`.
impl Serialize for Observation<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let labels = self.labels();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("event", labels.event)?;
        for (name, word) in [("kind", labels.kind), ("reason", labels.reason)] {
            if !word.is_empty() {
                map.serialize_entry(name, word)?;
            }
        }
        if labels.warning {
            map.serialize_entry("warning", &true)?;
        }
        if let Some(owner) = self.owner() {
            if !owner.tenant().is_empty() {
                map.serialize_entry("tenant", owner.tenant())?;
            }
            map.serialize_entry("user", owner.user_id())?;
        }
        if let Some(challenge) = self.challenge() {
            map.serialize_entry("challenge", &challenge.prefix())?;
        }
        if let Some(id) = self.record_id() {
            map.serialize_entry("id", &id)?;
        }
        if let Some(detail) = self.detail() {
            map.serialize_entry("detail", &detail)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests;
