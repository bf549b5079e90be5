use url::Url;

use crate::addresses::Address;

/// Returns the masked form of an address, as [`AccountStatus::address`](super::AccountStatus::address) documents. A
/// person who knows the address recognizes the form.
pub(super) fn mask(address: &Address) -> String {
    match address {
        Address::Phone(number) => {
            let digits = number.as_str().trim_start_matches('+');
            let (hidden, shown) = digits.split_at(digits.len().saturating_sub(2));
            format!("+{}{shown}", "*".repeat(hidden.len()))
        }
        Address::Email(address) => {
            let (local, domain) = address.parts();
            // A fixed number of stars, so that the length stays unknown.
            format!("{}***@{domain}", local.get(..1).unwrap_or_default())
        }
        // The path is a secret: anybody with the URL can send to the browser.
        Address::Push(subscription) => {
            let url = Url::parse(subscription.endpoint()).ok();
            url.as_ref().and_then(Url::host_str).unwrap_or_default().to_owned()
        }
    }
}
