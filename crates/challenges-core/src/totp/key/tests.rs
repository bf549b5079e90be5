#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn otpauth_uri_names_issuer_account_and_key() {
    let key = TotpKey::from_bytes(*b"12345678901234567890");
    assert_eq!(key.to_base32().expose(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    let uri = key.otpauth_uri("Great & Small", "alice@example.com").unwrap();
    assert_eq!(
        uri.expose(),
        "otpauth://totp/Great%20%26%20Small:alice%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
         &issuer=Great%20%26%20Small&algorithm=SHA1&digits=6&period=30"
    );
    for (issuer, account) in [("", "a"), ("a", "")] {
        assert_eq!(key.otpauth_uri(issuer, account).unwrap_err(), Invalid::AccountName);
    }
}

#[test]
fn colons_in_labels_are_percent_encoded() {
    let key = TotpKey::from_bytes(*b"12345678901234567890");
    let uri = key.otpauth_uri("Shop: EU", "acme:alice").unwrap();
    let label = uri.expose().strip_prefix("otpauth://totp/").unwrap().split('?').next().unwrap();
    assert_eq!(label, "Shop%3A%20EU:acme%3Aalice");
    assert!(uri.expose().contains("&issuer=Shop%3A%20EU&"));
}

#[cfg(feature = "qr")]
#[test]
fn qr_code_is_svg_without_key_text() {
    let key = TotpKey::from_bytes(*b"12345678901234567890");
    let svg = key.qr_svg("Example", "alice").unwrap();
    assert!(svg.expose().contains("<svg") && !svg.expose().contains("GEZDGNBV"));
    assert_eq!(key.qr_svg("Example", &"x".repeat(5_000)).unwrap_err(), Invalid::AccountName);
}
