use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD, Engine as _};

/// Secrets that must not be found, each with a description.
#[derive(Default)]
pub(crate) struct Canaries(Vec<(&'static str, Vec<u8>)>);

impl Canaries {
    pub(crate) fn add(&mut self, what: &'static str, secret: impl AsRef<[u8]>) {
        let secret = secret.as_ref().to_vec();
        assert!(secret.len() >= 6, "{what} is too short to rule out a chance match");
        self.0.push((what, secret));
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns the secrets found in a text, and the form of each.
    pub(crate) fn found(&self, text: &str) -> Vec<String> {
        let mut found = Vec::new();
        for (what, secret) in &self.0 {
            for (form, shape) in shapes(secret) {
                if holds(text, &shape) {
                    found.push(format!("{what} as {form}"));
                }
            }
        }
        found
    }
}

/// Returns the forms that bytes may take in a log. An unpadded form also matches the padded one.
fn shapes(secret: &[u8]) -> Vec<(&'static str, String)> {
    let numbers: Vec<_> = secret.iter().map(ToString::to_string).collect();
    let mut shapes = vec![
        ("hex", hex::encode(secret)),
        ("upper hex", hex::encode_upper(secret)),
        ("base32", base32::encode(base32::Alphabet::Rfc4648 { padding: false }, secret)),
        ("base64", BASE64_STANDARD_NO_PAD.encode(secret)),
        ("base64url", BASE64_URL_SAFE_NO_PAD.encode(secret)),
        ("a list of bytes", numbers.join(", ")),
    ];
    shapes.extend(std::str::from_utf8(secret).map(|text| ("text", text.to_owned())));
    shapes
}

/// Searches for a form. A code of digits may occur within a longer number by chance, so it must stand alone.
fn holds(text: &str, shape: &str) -> bool {
    let is_code = shape.len() == 6 && shape.bytes().all(|byte| byte.is_ascii_digit());
    text.match_indices(shape).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + shape.len()..].chars().next();
        !is_code || ![before, after].into_iter().flatten().any(|next| next.is_ascii_alphanumeric())
    })
}

/// R26: Negative control: every form of a secret is found in a log.
#[test]
fn every_form_of_a_secret_is_found() {
    let secret = "CANARY?>secret~~";
    let mut canaries = Canaries::default();
    canaries.add("it", secret);
    for (form, shape) in shapes(secret.as_bytes()) {
        let text = format!("TRACE hyper: read={shape}= and so on");
        assert!(canaries.found(&text).contains(&format!("it as {form}")), "{form}");
    }
    assert!(canaries.found("TRACE hyper: read=CANARY").is_empty());
    let mut codes = Canaries::default();
    codes.add("code", "287082");
    assert_eq!(codes.found("a 287082."), ["code as text"]);
    assert!(codes.found("a 1287082").is_empty());
}
