#![allow(clippy::unwrap_used)]

use challenges_core::Owner;

use super::home;

fn text(name: &str) -> String {
    let response = home(&Owner::user(name).unwrap(), None).into_response();
    String::from_utf8(response.body().to_vec()).unwrap()
}

#[test]
fn a_user_name_is_text_whatever_it_is() {
    let page = text(r#"<script>alert("1")</script>&'"#);
    assert!(!page.contains("<script>alert"), "{page}");
    assert!(page.contains("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;"), "{page}");
    assert!(text("alice").contains("<bdi id=\"user\">alice</bdi>"), "control: names are shown");
}

#[test]
fn no_script_or_style_stands_in_a_page() {
    let page = text("alice");
    assert_eq!(page.matches("<script").count(), 1);
    assert!(page.contains("<script type=\"module\" src=\"static/home.js\"></script>"));
    assert!(!page.contains("style=") && !page.contains("<style") && !page.contains(" onclick"));
    assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("//"), "no external hosts");
}
