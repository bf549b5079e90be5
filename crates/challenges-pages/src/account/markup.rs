//! Elements that several pages have.

use maud::{Markup, html};

use crate::view::View;

/// Returns a form that posts to a path below the prefix.
pub(crate) fn post_form(view: View<'_>, path: &str, content: &Markup) -> Markup {
    html! { form method="post" action={ (view.prefix) "/" (path) } { (content) } }
}

/// Returns a link to a path below the prefix, in the shape of a button.
pub(super) fn link(view: View<'_>, path: &str, class: &str, text: &str) -> Markup {
    html! { a class=(class) href={ (view.prefix) "/" (path) } { (view.words.text(text)) } }
}

/// Returns a link of an item in a list. `name` tells links of the same text apart.
pub(super) fn item_link(view: View<'_>, path: &str, class: &str, text: &str, name: &str) -> Markup {
    let text = view.words.text(text);
    html! { a class=(class) href={ (view.prefix) "/" (path) } aria-label={ (text) ": " (name) } { (text) } }
}

/// Returns the link back to the overview.
pub(super) fn back(view: View<'_>) -> Markup {
    link(view, "account", "quiet", "account-back")
}

/// Returns a submit button.
pub(super) fn submit(view: View<'_>, class: &str, text: &str) -> Markup {
    html! { button class=(class) type="submit" { (view.words.text(text)) } }
}

/// Returns the field for a code of six digits, or of another form.
pub(super) fn code_field(view: View<'_>) -> Markup {
    html! {
        div.field {
            label for="code" { (view.words.text("account-code-label")) }
            input.code id="code" name="code" type="text" inputmode="numeric" autocomplete="one-time-code"
                maxlength="32" required autofocus aria-invalid=[view.invalid("code")]
                aria-describedby=[view.described_by("code", None)];
        }
    }
}
