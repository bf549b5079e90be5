use serde_json::Value;

/// The client data of a ceremony (section 5.8.1), before it is written as JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientData {
    /// Its members, in the order in which they are written; one that stands twice is written twice.
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

    /// Gives a member another value, or adds it at the end.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        match self.members.iter_mut().find(|(other, _)| other == name) {
            Some((_, old)) => *old = value.into(),
            None => self.members.push((name.to_owned(), value.into())),
        }
    }

    /// Takes a member out.
    ///
    /// # Panics
    ///
    /// When there is none of that name: a test that takes nothing away would show nothing.
    #[track_caller]
    pub fn remove(&mut self, name: &str) {
        let before = self.members.len();
        self.members.retain(|(other, _)| other != name);
        assert!(self.members.len() < before, "the client data has no member {name}");
    }

    /// The clientDataJSON.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let members: Vec<_> =
            self.members.iter().map(|(name, value)| format!("{}:{value}", Value::from(name.as_str()))).collect();
        format!("{{{}}}", members.join(",")).into_bytes()
    }
}
