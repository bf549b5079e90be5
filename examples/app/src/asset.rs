/// A static file of the pages, compiled into the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asset {
    pub(crate) name: &'static str,
    pub(crate) media_type: &'static str,
    pub(crate) text: &'static str,
}

const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// All static files.
const ASSETS: [Asset; 17] = [
    Asset { name: "colors.css", media_type: CSS, text: include_str!("../static/colors.css") },
    Asset { name: "page.css", media_type: CSS, text: include_str!("../static/page.css") },
    Asset { name: "forms.css", media_type: CSS, text: include_str!("../static/forms.css") },
    Asset { name: "parts.css", media_type: CSS, text: include_str!("../static/parts.css") },
    Asset { name: "icon.svg", media_type: "image/svg+xml", text: include_str!("../static/icon.svg") },
    Asset { name: "talk.js", media_type: JAVASCRIPT, text: include_str!("../static/talk.js") },
    Asset { name: "sign-in.js", media_type: JAVASCRIPT, text: include_str!("../static/sign-in.js") },
    Asset { name: "home.js", media_type: JAVASCRIPT, text: include_str!("../static/home.js") },
    Asset { name: "elements.js", media_type: JAVASCRIPT, text: include_str!("../static/elements.js") },
    Asset { name: "totp.js", media_type: JAVASCRIPT, text: include_str!("../static/totp.js") },
    Asset { name: "messages.js", media_type: JAVASCRIPT, text: include_str!("../static/messages.js") },
    Asset { name: "push.js", media_type: JAVASCRIPT, text: include_str!("../static/push.js") },
    Asset { name: "service-worker.js", media_type: JAVASCRIPT, text: include_str!("../static/service-worker.js") },
    Asset { name: "passkeys.js", media_type: JAVASCRIPT, text: include_str!("../static/passkeys.js") },
    Asset { name: "webauthn.js", media_type: JAVASCRIPT, text: include_str!("../static/webauthn.js") },
    Asset { name: "webauthn-json.js", media_type: JAVASCRIPT, text: challenges_webauthn::BROWSER_MODULE },
    Asset { name: "answer.js", media_type: JAVASCRIPT, text: include_str!("../static/answer.js") },
];

impl Asset {
    pub(crate) fn named(name: &str) -> Option<Self> {
        ASSETS.into_iter().find(|asset| asset.name == name)
    }
}
