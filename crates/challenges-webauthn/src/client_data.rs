use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use challenges_core::Origin;
use challenges_core::webauthn::Rejected;
use serde::Deserialize;
use serde::de::{Error as _, MapAccess, Visitor};
use serde_json::Value;

/// Client data (section 5.8.1).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ClientData<'a> {
    kind: Cow<'a, str>,
    challenge: Cow<'a, str>,
    origin: Cow<'a, str>,
    cross_origin: bool,
    top_origin: Option<Cow<'a, str>>,
}

/// The values that client data must have.
#[derive(Debug)]
pub(crate) struct Expected<'a> {
    /// `webauthn.create` or `webauthn.get`.
    pub(crate) kind: &'static str,
    /// The challenge in base64url without padding.
    pub(crate) challenge: &'a str,
    pub(crate) origins: &'a [Origin],
    /// The origins of pages that may embed the ceremony in a cross-origin frame.
    pub(crate) top_origins: &'a [Origin],
}

impl<'a> ClientData<'a> {
    /// Reads a JSON object without duplicate members (steps 5 and 6 of section 7.1, 8 and 9 of section 7.2).
    ///
    /// Unknown members are ignored, for later versions. So is `tokenBinding` of Levels 1 and 2, in any form: Level 3
    /// only reserves the name. A byte order mark is rejected, because no browser writes one.
    pub(crate) fn read(json: &'a [u8]) -> Result<Self, Rejected> {
        let text = std::str::from_utf8(json).map_err(|_| Rejected::ClientData)?;
        serde_json::from_str(text).map_err(|_| Rejected::ClientData)
    }

    /// Verifies the values: steps 7 to 11 of section 7.1, or steps 10 to 14 of section 7.2.
    pub(crate) fn verify(&self, expected: &Expected<'_>) -> Result<(), Rejected> {
        let is_among = |text: &str, origins: &[Origin]| origins.iter().any(|origin| origin.as_str() == text);
        if self.kind != expected.kind {
            return Err(Rejected::Type);
        }
        if self.challenge != expected.challenge {
            return Err(Rejected::Challenge);
        }
        if !is_among(&self.origin, expected.origins) {
            return Err(Rejected::Origin);
        }
        if self.cross_origin && expected.top_origins.is_empty() {
            return Err(Rejected::CrossOrigin);
        }
        match &self.top_origin {
            Some(top_origin) if !(self.cross_origin && is_among(top_origin, expected.top_origins)) => {
                Err(Rejected::TopOrigin)
            }
            _ => Ok(()),
        }
    }

    /// Returns the challenge in base64url.
    pub(crate) fn challenge(&self) -> &str {
        &self.challenge
    }
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum Member {
    Type,
    Challenge,
    Origin,
    CrossOrigin,
    TopOrigin,
    Other(String),
}

#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for ClientData<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ClientDataVisitor)
    }
}

struct ClientDataVisitor;

impl<'de> Visitor<'de> for ClientDataVisitor {
    type Value = ClientData<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("client data")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut kind, mut challenge, mut origin) = (None, None, None);
        let (mut cross_origin, mut top_origin) = (None, None);
        let mut others = BTreeSet::new();
        while let Some(member) = map.next_key()? {
            let first = match member {
                Member::Type => kind.replace(map.next_value::<Text<'_>>()?).is_none(),
                Member::Challenge => challenge.replace(map.next_value::<Text<'_>>()?).is_none(),
                Member::Origin => origin.replace(map.next_value::<Text<'_>>()?).is_none(),
                Member::CrossOrigin => cross_origin.replace(map.next_value()?).is_none(),
                Member::TopOrigin => top_origin.replace(map.next_value::<Text<'_>>()?).is_none(),
                Member::Other(name) => {
                    map.next_value::<Value>()?;
                    others.insert(name)
                }
            };
            if !first {
                return Err(A::Error::custom("duplicate member"));
            }
        }
        let required =
            |text: Option<Text<'de>>, name| text.map(|text| text.0).ok_or_else(|| A::Error::missing_field(name));
        Ok(ClientData {
            kind: required(kind, "type")?,
            challenge: required(challenge, "challenge")?,
            origin: required(origin, "origin")?,
            cross_origin: cross_origin.unwrap_or(false),
            top_origin: top_origin.map(|text| text.0),
        })
    }
}
