use challenges_core::{Builder, Invalid};

use crate::error::Error;

/// Lets the service admit credentials of these relying parties, and of no others.
#[cfg(feature = "webauthn")]
pub(crate) fn serve(builder: Builder, names: &[String]) -> Result<Builder, Error> {
    use challenges_core::webauthn::RelyingPartyId;

    if names.is_empty() {
        return Ok(builder);
    }
    let mut webauthn = challenges_webauthn::Webauthn::builder().only_configured();
    for name in names {
        let id: RelyingPartyId = name.parse()?;
        // The origins of the service are compared in answers, and not in an import.
        webauthn = webauthn.relying_party(id, [format!("https://{name}").parse()?]);
    }
    Ok(builder.webauthn(webauthn.build().map_err(|_| Invalid::RelyingParty)?))
}

#[cfg(not(feature = "webauthn"))]
pub(crate) fn serve(builder: Builder, names: &[String]) -> Result<Builder, Error> {
    if names.is_empty() { Ok(builder) } else { Err(Error::NotBuilt("webauthn")) }
}

/// Returns the reason of a refusal, in words of the command.
pub(crate) fn explain(reason: &Invalid) -> String {
    match reason {
        Invalid::WebauthnUnavailable if cfg!(feature = "webauthn") => {
            "a WebAuthn row needs --relying-party with the domain of the service".to_owned()
        }
        Invalid::WebauthnUnavailable => Error::NotBuilt("webauthn").to_string(),
        Invalid::RelyingParty => "the relying party of the row is not one of those named by --relying-party".to_owned(),
        other => other.to_string(),
    }
}
