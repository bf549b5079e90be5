use super::record::Body;
use crate::codec;
use crate::id::ChallengeId;
use crate::store::{Kind, Loaded, Write};

/// Returns the deletions of the loaded messages of a challenge. Unreadable entries stay.
pub(crate) fn delete_messages(loaded: &Loaded, challenge: ChallengeId) -> Vec<Write> {
    let is_of_challenge = |body: Body| body.is_message() && body.challenge == Some(challenge);
    loaded
        .of_kind(Kind::Outbox)
        .filter(|stored| codec::decode(&stored.record.body).is_ok_and(is_of_challenge))
        .map(|stored| Write::delete(stored.record.key, stored.version))
        .collect()
}
