/// A CBOR item (RFC 8949) in the form of authenticators: shortest, definite lengths. Maps keep the given order.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "tests build and match this")]
pub enum Cbor {
    /// An integer.
    Int(i64),
    /// A byte string.
    Bytes(Vec<u8>),
    /// A text string.
    Text(String),
    /// An array.
    Array(Vec<Self>),
    /// A map.
    Map(Vec<(Self, Self)>),
    /// Raw bytes for any other item, well-formed or not.
    Raw(Vec<u8>),
}

impl Cbor {
    /// Creates a map from members.
    pub fn map<const N: usize>(members: [(impl Into<Self>, Self); N]) -> Self {
        Self::Map(members.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }

    /// Sets the value of a map member. A new member is added at the end.
    ///
    /// # Panics
    ///
    /// Panics when the item is not a map.
    #[track_caller]
    pub fn set(&mut self, key: impl Into<Self>, value: impl Into<Self>) {
        let (key, value) = (key.into(), value.into());
        let members = self.members();
        match members.iter_mut().find(|(name, _)| *name == key) {
            Some((_, old)) => *old = value,
            None => members.push((key, value)),
        }
    }

    /// Removes a map member.
    ///
    /// # Panics
    ///
    /// Panics when the item is not a map or has no such member, because the test would then prove nothing.
    #[track_caller]
    pub fn remove(&mut self, key: impl Into<Self>) {
        let key = key.into();
        let members = self.members();
        let before = members.len();
        members.retain(|(name, _)| *name != key);
        assert!(members.len() < before, "the map has no member {key:?}");
    }

    /// Serializes the item.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }

    #[track_caller]
    #[expect(clippy::panic, reason = "a change of a missing member is a bug in the test")]
    fn members(&mut self) -> &mut Vec<(Self, Self)> {
        match self {
            Self::Map(members) => members,
            other => panic!("not a map: {other:?}"),
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            // The argument of a negative integer n is -1 - n, which is !n.
            Self::Int(number) if *number < 0 => head(1, !number.cast_unsigned(), out),
            Self::Int(number) => head(0, number.cast_unsigned(), out),
            Self::Bytes(bytes) => {
                head(2, bytes.len() as u64, out);
                out.extend(bytes);
            }
            Self::Text(text) => {
                head(3, text.len() as u64, out);
                out.extend(text.bytes());
            }
            Self::Array(items) => {
                head(4, items.len() as u64, out);
                items.iter().for_each(|item| item.write(out));
            }
            Self::Map(members) => {
                head(5, members.len() as u64, out);
                for (key, value) in members {
                    key.write(out);
                    value.write(out);
                }
            }
            Self::Raw(bytes) => out.extend(bytes),
        }
    }
}

impl From<i64> for Cbor {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<&str> for Cbor {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Vec<u8>> for Cbor {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

/// Writes the major type and the argument in the shortest form.
fn head(major: u8, argument: u64, out: &mut Vec<u8>) {
    let major = major << 5;
    if let Ok(byte) = u8::try_from(argument) {
        if byte >= 24 {
            out.push(major | 24);
            out.push(byte);
        } else {
            out.push(major | byte);
        }
    } else if let Ok(short) = u16::try_from(argument) {
        out.push(major | 25);
        out.extend(short.to_be_bytes());
    } else if let Ok(word) = u32::try_from(argument) {
        out.push(major | 26);
        out.extend(word.to_be_bytes());
    } else {
        out.push(major | 27);
        out.extend(argument.to_be_bytes());
    }
}
