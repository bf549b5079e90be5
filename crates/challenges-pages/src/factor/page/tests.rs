use challenges_core::ChallengeType;

use super::Form;

/// A type without a form fails here: the compiler asks for none.
#[test]
fn every_type_of_a_question_has_a_form() {
    let forms = [Form::Passkey, Form::Totp, Form::Message, Form::Recovery];
    for kind in ChallengeType::ALL {
        let has_form = forms.iter().any(|form| form.kind() == kind);
        // The link of a push message answers, and the pages ask for neither an e-mail nor a code of the host.
        let has_none = matches!(kind, ChallengeType::WebPush | ChallengeType::Email | ChallengeType::Code);
        assert_eq!(has_form, !has_none, "{kind}");
    }
}
