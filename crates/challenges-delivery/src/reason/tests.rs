#![allow(clippy::unwrap_used)]

use super::{MAX_CHARACTERS, REDACTED, ServiceReason, body_reason, secret_words};

fn reason(body: &str, secrets: &[&str]) -> Option<String> {
    ServiceReason::new(&body_reason(body.as_bytes())?, secrets).map(|reason| reason.to_string())
}

#[test]
fn usual_reasons_are_kept() {
    for (body, words) in [
        (r#"{"reason":"VapidPkHashMismatch"}"#, "VapidPkHashMismatch"),
        (
            r#"{"code":401,"errno":109,"error":"Unauthorized","message":"VAPID public key mismatch","more_info":"http://x.test/"}"#,
            "401, 109, Unauthorized, VAPID public key mismatch",
        ),
        (
            "the VAPID credentials in the authorization header do not correspond to the credentials used.\n",
            "the VAPID credentials in the authorization header do not correspond to the credentials used.",
        ),
        (r#"{"messages":[{"status":"9","error-text":"Partner quota exceeded"}]}"#, "Partner quota exceeded"),
        (r#"{"code":21610,"status":400}"#, "21610, 400"),
    ] {
        let text = reason(body, &[]).unwrap();
        assert!(text.contains(words), "{text}");
    }
}

/// R26: A reason repeats no secret of the request.
#[test]
fn secrets_are_redacted() {
    const LINK: &str = "https://login.example.org/answer?challenge_answer=abcDEFghiJKLmno";
    for secret in [
        "+15550100999",
        "(555) 010-0999",
        "123456",
        "123 456",
        "123\u{200b}456",
        "CANARYsecretCANARY1234",
        "abcDEFghiJKLmnoPQRstu",
        "ann@example.org",
        LINK,
        "https%3A%2F%2Flogin.example.org",
        "login.example.org/answer",
        "c3Vic2NyaXB0aW9u=",
        "pass phrase",
    ] {
        for body in [format!("cannot send {secret} now"), format!(r#"{{"message":"cannot send '{secret}' now"}}"#)] {
            let text = reason(&body, &["pass phrase"]).unwrap();
            assert!(!text.contains(secret) && text.contains(REDACTED), "{text}");
            assert!(text.starts_with("cannot send") && text.ends_with("now"), "{text}");
        }
    }
    assert!(secret_words("open https://a.example/?s=abcDEFghi or type 123456").eq(["abcDEFghi", "123456"]));
}

#[test]
fn single_words_and_pages_are_no_reasons() {
    for body in ["", "token", "<html> <p>Bad Request</p>", r#"{"token":"x y"}"#, r#"{"error":null}"#, "{broken json"] {
        assert_eq!(reason(body, &[]), None, "{body}");
    }
    assert_eq!(body_reason(&[b'a', b' ', 0xff]), None);
}

#[test]
fn reasons_are_short_and_on_one_line() {
    let text = reason(&"line\r\n\u{202e}\u{1b}[31m ".repeat(100), &[]).unwrap();
    assert!(text.chars().count() <= MAX_CHARACTERS, "{}", text.len());
    assert!(!text.contains(|c: char| c.is_control() || c == '\u{202e}'), "{text}");
}
