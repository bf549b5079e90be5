use maud::html;
use serde_json::json;

use super::{Frame, Layout};
use crate::view::View;
use crate::words::Words;

fn frame(language: &str) -> Frame {
    let words = Words::negotiate(language);
    let view = View { words: &words, prefix: "/mfa", invalid: None };
    Frame::new(view, "Example", "layout-script-copied", &html! { p { "<content>" } }, json!({ "left": 3 }))
}

#[test]
fn document_names_language_and_direction() {
    assert!(Layout::default().document(&frame("ar")).contains(r#"<html lang="ar" dir="rtl">"#));
    assert!(Layout::default().document(&frame("en")).contains(r#"<html lang="en" dir="ltr">"#));
}

#[test]
fn document_has_one_heading_and_escaped_content() {
    let text = Layout::default().document(&frame("en"));
    assert_eq!(text.matches("<h1>").count(), 1);
    assert!(text.contains("<p>&lt;content&gt;</p>"));
}

#[test]
fn document_refers_only_to_assets_below_the_prefix() {
    let text = Layout::default().document(&frame("en"));
    let addresses: Vec<&str> = text.split(['"']).filter(|part| part.contains('/') && !part.contains('<')).collect();
    assert!(addresses.iter().all(|address| address.starts_with("/mfa/assets/")), "{addresses:?}");
    assert_eq!(addresses.len(), 2);
}

#[test]
fn host_layout_takes_the_frame() {
    let layout = Layout::new(|frame| format!("{} {} {}", frame.page, frame.data, frame.main));
    let text = layout.document(&frame("en"));
    assert!(text.starts_with(r#"layout-script-copied {"left":3} <div class="challenges"><h1>"#), "{text}");
}
