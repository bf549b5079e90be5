use base64::alphabet;
use base64::engine::{DecodePaddingMode, Engine as _, GeneralPurpose, GeneralPurposeConfig};

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// Decodes base64 or base64url (RFC 4648 sections 4 and 5), with or without padding.
pub(crate) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    URL_SAFE.decode(text).or_else(|_| STANDARD.decode(text)).ok()
}

/// Implements the serialization of bytes as base64url without padding, and the deserialization by [`decode_base64`].
/// The type needs `as_bytes` and `from_bytes(Vec<u8>) -> Option<Self>`.
macro_rules! serde_as_base64url {
    ($name:ident) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
                serializer.serialize_str(&BASE64_URL_SAFE_NO_PAD.encode(self.as_bytes()))
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                use serde::de::Error as _;
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                let bytes = crate::ceremony::decode_base64(&text).ok_or_else(|| D::Error::custom("invalid base64"))?;
                Self::from_bytes(bytes).ok_or_else(|| D::Error::custom("invalid length"))
            }
        }
    };
}

pub(super) use serde_as_base64url;
