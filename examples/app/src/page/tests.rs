#![allow(clippy::unwrap_used)]

use challenges_core::Owner;

use super::home;

fn text(name: &str) -> String {
    let response = home(&Owner::user(name).unwrap(), None).into_response();
    String::from_utf8(response.body().to_vec()).unwrap()
}

#[test]
fn user_names_are_escaped() {
    let page = text(r#"<script>alert("1")</script>&'"#);
    assert!(!page.contains("<script>alert"), "{page}");
    assert!(page.contains("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;"), "{page}");
    assert!(text("alice").contains("<bdi id=\"user\">alice</bdi>"), "control: names are shown");
}

#[test]
fn pages_have_no_inline_scripts_or_styles() {
    let page = text("alice");
    assert_eq!(page.matches("<script").count(), 1);
    assert!(page.contains("<script type=\"module\" src=\"static/home.js\"></script>"));
    assert!(!page.contains("style=") && !page.contains("<style") && !page.contains(" onclick"));
    assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("//"), "no external hosts");
}
