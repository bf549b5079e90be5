use super::record::Body;
use super::request::{ApprovalRequest, CodeMac, Link, Request, StoredSpec, TypesRequest};
use crate::approvals::{ActorSecrets, OpenApproval};
use crate::keyring::{Place, SecretField, SecretFields};
use crate::store::Kind;

impl SecretFields for Body {
    fn secret_fields(&mut self) -> Vec<SecretField<'_>> {
        // Every field by name, so that a new one is not forgotten here.
        let Self {
            v: _,
            id,
            owner,
            created: _,
            updated: _,
            state: _,
            timeout: _,
            purpose: _,
            description: _,
            step_up_used: _,
            by_link: _,
            collected: _,
            wrong,
            answered_at: _,
            request,
        } = self;
        let place = Place { kind: Kind::Challenge, id: id.0, owner, field: "" };
        let mut fields: Vec<_> = wrong.last.as_ref().map(SecretField::Mac).into_iter().collect();
        match request {
            Request::Types(request) => {
                let TypesRequest { spec, code, link, email_link, number_match: _, number, public_challenge: _ } =
                    &mut **request;
                let StoredSpec { types: _, send_now: _, response_uri: _, origin: _, endpoints: _, answer_data } = spec;
                fields.extend(answer_data.as_mut().map(|data| SecretField::Sealed(place.field("answer_data"), data)));
                fields.extend(code.as_ref().map(|CodeMac { mac, guessable: _ }| SecretField::Mac(mac)));
                for Link { mac, code, delivered: _, recalls: _ } in link.iter().chain(&*email_link) {
                    fields.extend([Some(mac), code.as_ref()].into_iter().flatten().map(SecretField::Mac));
                }
                fields.extend(number.as_ref().map(SecretField::Mac));
            }
            Request::Approval(ApprovalRequest {
                open: Some(OpenApproval { actors, approved, declined }),
                entries: _,
            }) => {
                fields.push(SecretField::Sealed(place.field("approved"), approved));
                fields.push(SecretField::Sealed(place.field("declined"), declined));
                for ActorSecrets { actor: _, approve, decline } in actors {
                    fields.extend([SecretField::Mac(approve), SecretField::Mac(decline)]);
                }
            }
            Request::Approval(ApprovalRequest { open: None, entries: _ }) => {}
        }
        fields
    }
}
