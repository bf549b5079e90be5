use super::record::Body;
use super::{ActorSecrets, OneTimeAction};
use crate::keyring::{Keeps, Kept, Place};
use crate::store::Kind;

impl Keeps for Body {
    fn kept(&mut self) -> Vec<Kept<'_>> {
        // Every field by name, so that a new one is not forgotten here.
        let Self {
            v: _,
            id,
            owner,
            created: _,
            updated: _,
            state: _,
            types: _,
            send_now: _,
            timeout: _,
            purpose: _,
            description: _,
            step_up_used: _,
            response_uri: _,
            origin: _,
            endpoints: _,
            answer_data,
            code,
            link,
            number_match: _,
            number,
            reached: _,
            public_challenge: _,
            action,
            wrong_guesses: _,
            wrong_secrets: _,
            last_wrong,
            answered: _,
            actions: _,
        } = self;
        let place = Place { kind: Kind::Challenge, id: id.0, owner, field: "" };
        let mut kept = Vec::new();
        kept.extend(answer_data.as_mut().map(|data| Kept::Sealed(place.field("answer_data"), data)));
        kept.extend(code.as_ref().map(|code| Kept::Hashed(&code.mac)));
        kept.extend([link, number, last_wrong].into_iter().filter_map(|mac| mac.as_ref()).map(Kept::Hashed));
        if let Some(OneTimeAction { actors, approved, declined }) = action {
            kept.push(Kept::Sealed(place.field("approved"), approved));
            kept.push(Kept::Sealed(place.field("declined"), declined));
            for ActorSecrets { actor: _, approve, decline } in actors {
                kept.extend([Kept::Hashed(approve), Kept::Hashed(decline)]);
            }
        }
        kept
    }
}
