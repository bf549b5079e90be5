# Les SMS, les e-mails et les notifications.

# SMS : de préférence en caractères GSM-7, donc sans apostrophe typographique.
message-sms-link =
    Est-ce bien vous ? Pour confirmer, ouvrez dans les { $minutes } min :
    { $link }
    Sinon, ignorez ce message.
message-sms-code =
    { $code } est votre code pour { $origin }, valable { $minutes } min. Ou ouvrez pour confirmer :
    { $link }
    Si ce n'est pas vous, ignorez ce message.
message-sms-confirmation = { $code } est votre code pour confirmer ce numéro de téléphone, valable { $minutes } min. Ne le donnez à personne.

# E-mails
message-email-subject = Est-ce bien vous sur { $origin } ?
message-email-link =
    { $origin } demande votre confirmation. Ouvrez cette page dans les { $minutes } min :

    { $link }

    Si ce n’est pas vous, ignorez ce message.
message-email-code =
    { $origin } demande votre confirmation. Votre code est { $code }, valable { $minutes } min. Saisissez-le sur la page qui le demande, ou ouvrez cette page :

    { $link }

    Si ce n’est pas vous, ignorez ce message.
message-email-confirmation-subject = Votre code pour confirmer cette adresse
message-email-confirmation =
    { $code } est votre code pour confirmer cette adresse e-mail, valable { $minutes } min. Ne le donnez à personne.

    Si ce n’est pas vous, ignorez ce message.

# Notifications
message-push-title = Est-ce bien vous ?
message-push-body = { $origin } demande votre confirmation. Ouvrez ceci dans les { $minutes } min.

# Avis de changements, aussi par SMS
message-notice-title = Votre compte a été modifié
message-notice = { $change } Si ce n'est pas vous, vérifiez votre compte maintenant.
message-notice-time = Date : { $time }

# Les changements
message-added = Ajouté à votre compte : { $what }.
message-removed = Retiré de votre compte : { $what }.
message-enabled = Activé pour votre compte : { $what }.
message-disabled = Désactivé pour votre compte : { $what }.
message-imported = Repris d'un ancien système dans votre compte : { $what }.
message-locked = Trop de réponses erronées dans votre compte : { $what }.
message-recovery-codes-generated = Votre compte a de nouveaux codes de secours. Les anciens ne sont plus valables.
message-recovery-codes-deleted = Les codes de secours de votre compte ont été supprimés.
message-recovery-code-used = Un code de secours de votre compte a servi. Codes restants : { $count }.
message-recovery-code-used-few = Un code de secours de votre compte a servi. Codes restants : { $count }. Générez-en de nouveaux.
message-device-trusted = Un navigateur se connecte désormais à votre compte sans second facteur.
message-device-stolen = Les données de connexion d'un navigateur ont été copiées. Il lui faut de nouveau le second facteur.
message-reset = L'assistance a débloqué votre compte.
message-changed = Les moyens de connexion à votre compte ont été modifiés.

# Ce qui a été ajouté, retiré, activé ou désactivé
message-what-totp = une application d'authentification
message-what-passkey = une clé d'accès
message-what-phone = un numéro de téléphone
message-what-browser = les notifications d'un navigateur
message-what-email = une adresse e-mail
message-what-other = un moyen de connexion

# Ce à quoi on a trop souvent mal répondu
message-wrong-totp = codes d'une application d'authentification
message-wrong-recovery-code = codes de secours
message-wrong-sms = codes envoyés par SMS
message-wrong-email = codes envoyés par e-mail
message-wrong-confirmation = codes pour une nouvelle adresse
message-wrong-code = codes
