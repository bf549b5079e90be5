//! The frame around every page.

use maud::{DOCTYPE, Markup, html};

use crate::page::View;

/// Returns the whole document.
pub(crate) fn layout(view: View<'_>, title: &str, main: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(view.words.language()) dir=[view.words.is_right_to_left().then_some("rtl")] {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
            }
            body { main { h1 { (title) } (main) } }
        }
    }
}
