//! The document for hosts without a layout.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::Frame;

/// Returns the whole document.
pub(crate) fn document(frame: &Frame) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(frame.words.language()) dir=(frame.direction()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (frame.title) " · " (frame.app) }
                (PreEscaped(&frame.head))
            }
            body.challenges-page {
                header { p { bdi { (frame.app) } } }
                main { (PreEscaped(&frame.main)) }
            }
        }
    }
}
