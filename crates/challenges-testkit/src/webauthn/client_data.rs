use serde_json::Value;

/// The client data of a ceremony (section 5.8.1).
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "tests build and match this")]
pub struct ClientData {
    /// The members in order of serialization. Duplicates are serialized as duplicates.
    pub members: Vec<(String, Value)>,
}

impl ClientData {
    pub(super) fn new(kind: &str, challenge: &str, origin: &str) -> Self {
        let members: [(&str, Value); 4] = [
            ("type", kind.into()),
            ("challenge", challenge.into()),
            ("origin", origin.into()),
            ("crossOrigin", false.into()),
        ];
        Self { members: members.map(|(name, value)| (name.to_owned(), value)).into() }
    }

    /// Sets the value of a member. A new member is added at the end.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        match self.members.iter_mut().find(|(other, _)| other == name) {
            Some((_, old)) => *old = value.into(),
            None => self.members.push((name.to_owned(), value.into())),
        }
    }

    /// Removes a member.
    ///
    /// # Panics
    ///
    /// Panics when no such member exists, because the test would then prove nothing.
    #[track_caller]
    pub fn remove(&mut self, name: &str) {
        let before = self.members.len();
        self.members.retain(|(other, _)| other != name);
        assert!(self.members.len() < before, "the client data has no member {name}");
    }

    /// Serializes the client data to `clientDataJSON`.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let members: Vec<_> =
            self.members.iter().map(|(name, value)| format!("{}:{value}", Value::from(name.as_str()))).collect();
        format!("{{{}}}", members.join(",")).into_bytes()
    }
}
