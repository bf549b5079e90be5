# Les pages sur lesquelles les utilisateurs gèrent leurs facteurs.

account-title = Sécurité de votre compte
account-back = Retour à la vue d’ensemble
account-continue = Continuer
account-drop = Abandonner
account-remove = Supprimer
account-rename = Renommer
account-save = Enregistrer
account-confirm = Confirmer
account-copy = Copier
account-print = Imprimer
account-download = Télécharger
account-created = Ajout :
account-used = Dernière utilisation :
account-expires = Fin :
account-pending = Pas encore terminé
account-needs-script = Cette page a besoin de JavaScript.
account-no-factor = Votre compte n’est protégé que par votre mot de passe. Ajoutez une clé d’accès ou une application d’authentification.

# Comptes rendus d’un changement
account-done-totp-added = L’application d’authentification a été ajoutée.
account-done-totp-removed = L’application d’authentification a été supprimée. Ses codes ne sont plus acceptés.
account-done-passkey-added = La clé d’accès a été ajoutée.
account-done-passkey-renamed = La clé d’accès a été renommée.
account-done-passkey-removed = La clé d’accès a été supprimée. Votre appareil peut encore la proposer jusqu’à ce que vous l’y supprimiez.
account-done-device-revoked = Cet appareil n’est plus un appareil de confiance.
account-done-devices-revoked = Il n’y a plus aucun appareil de confiance.
account-done-phone-added = Le numéro de téléphone a été confirmé.
account-done-phone-known = Vous aviez déjà ajouté ce numéro de téléphone.
account-done-phone-removed = Le numéro de téléphone a été supprimé.
account-done-email-added = L’adresse e-mail a été confirmée.
account-done-email-known = Vous aviez déjà ajouté cette adresse e-mail.
account-done-email-removed = L’adresse e-mail a été supprimée.
account-done-browser-added = Ce navigateur affiche désormais vos demandes.
account-done-browser-removed = Le navigateur a été supprimé. Il n’affiche plus vos demandes.

# Blocages après trop de codes erronés
account-lock-until = Vous pourrez réessayer après :
account-lock-disabled = Demandez à l’assistance de ce site de lever le blocage.
account-lock-totp = Trop de codes erronés de votre application d’authentification.
account-lock-totp-enrollment = Trop de codes erronés lors de l’ajout d’une application d’authentification.
account-lock-code = Trop de codes erronés.
account-lock-message-code = Trop de codes erronés reçus par SMS.
account-lock-email-code = Trop de codes erronés reçus par e-mail.
account-lock-confirmation = Trop de codes erronés lors de la confirmation d’une adresse.
account-lock-number = Trop de nombres erronés.
account-lock-recovery-code = Trop de codes de secours erronés.

# Clés d’accès
account-passkeys = Clés d’accès
account-passkeys-hint = Connectez-vous avec votre empreinte digitale, votre visage, le code de votre appareil ou une clé de sécurité. Les clés d’accès résistent à l’hameçonnage.
account-passkeys-add = Ajouter une clé d’accès
account-passkeys-intro = Une clé d’accès se trouve sur votre téléphone, votre ordinateur, dans un gestionnaire de mots de passe ou sur une clé de sécurité. Personne ne peut la lire ni la deviner.
account-passkeys-start = Créer une clé d’accès
account-passkeys-create = Votre navigateur va demander où conserver la clé d’accès.
account-passkey-unnamed = Clé d’accès
account-passkey-verifies = Vérifie votre empreinte, votre visage ou votre code
account-passkey-touch = Vérifie seulement un contact
account-passkey-synced = Synchronisée entre vos appareils
account-passkey-name = Nom
account-passkey-name-hint = Par exemple l’appareil qui conserve la clé d’accès
account-passkey-rename-title = Renommer une clé d’accès

# Applications d’authentification
account-totp = Applications d’authentification
account-totp-hint = Une application sur votre téléphone affiche un nouveau code toutes les 30 secondes.
account-totp-add = Ajouter une application d’authentification
account-totp-name = Application d’authentification { $count }
account-totp-intro = Installez d’abord une application d’authentification sur votre téléphone. Reliez-la ensuite à votre compte.
account-totp-start = Afficher le code QR
account-totp-scan = Scannez ce code QR avec l’application.
account-totp-qr = Code QR pour votre application d’authentification
account-totp-open = Ouvrir l’application sur cet appareil
account-totp-type = Si vous ne pouvez pas scanner, saisissez cette clé dans l’application :
account-totp-enter = Saisissez le code affiché par l’application.
account-totp-lost-key = Le code QR n’est affiché qu’une fois. Si vous ne l’avez pas scanné, recommencez.
account-totp-restart = Recommencer

# Numéros de téléphone, adresses e-mail et navigateurs
account-phones = Numéros de téléphone
account-phones-hint = Vous recevez un SMS.
account-phones-add = Ajouter un numéro de téléphone
account-phone-label = Numéro de téléphone
account-phone-hint = Avec l’indicatif du pays, par exemple +33 1 99 00 00 00
account-emails = Adresses e-mail
account-emails-hint = Pour les messages sur votre compte. Une adresse e-mail n’est pas un second facteur.
account-emails-add = Ajouter une adresse e-mail
account-email-label = Adresse e-mail
account-browsers = Navigateurs
account-browsers-hint = Un navigateur affiche une notification, et vous y approuvez ou refusez.
account-browsers-add = Ajouter ce navigateur
account-browsers-start = Activer les notifications
account-browsers-unavailable = Ce site n’envoie pas de notifications aux navigateurs.
account-address-unknown = Adresse illisible
account-address-disabled = Désactivé
account-send-code = Envoyer un code
account-code-title = Saisissez le code
account-code-label = Code
account-code-sent = Nous envoyons un code à :
account-code-sent-again = Nous envoyons un nouveau code. Les codes précédents ne sont plus valables.
account-resend = Envoyer un nouveau code

# Codes de secours
account-recovery-codes = Codes de secours
account-recovery-codes-hint = Un code de secours vous donne accès quand vous avez perdu vos autres facteurs. Chaque code ne sert qu’une fois.
account-recovery-codes-missing = Vous n’avez aucun code de secours. Sans eux, vous n’aurez plus accès si vous perdez vos autres facteurs.
account-recovery-codes-left =
    { $count ->
        [0] Vous n’avez aucun code de secours.
        [one] Vous avez un code de secours inutilisé.
       *[other] Vous avez { $count } codes de secours inutilisés.
    }
account-recovery-codes-void =
    { $count ->
        [one] Un de vos codes de secours n’est plus valable. Générez de nouveaux codes.
       *[other] { $count } de vos codes de secours ne sont plus valables. Générez de nouveaux codes.
    }
account-recovery-codes-generate = Générer des codes de secours
account-recovery-codes-replaced = Vos codes précédents ne seront plus valables.
account-recovery-codes-no-factor = Ajoutez d’abord une clé d’accès, une application d’authentification ou un numéro de téléphone.
account-recovery-codes-new = Vos codes de secours
account-recovery-codes-once = Conservez maintenant ces codes en lieu sûr. Ils ne sont affichés qu’une fois.
account-recovery-codes-kept = J’ai conservé les codes

# Appareils de confiance
account-devices = Appareils de confiance
account-devices-hint = Sur ces appareils, vous vous connectez avec votre seul mot de passe.
account-device-revoke = Ne plus faire confiance
account-devices-revoke-all = Ne plus faire confiance à aucun appareil

# Activité
account-activity-link = Activité récente
account-activity-title = Activité récente
account-activity-hint = Demandes de confirmation de votre identité. Si vous n’en avez pas lancé une, changez votre mot de passe.
account-activity-none = Aucune demande récente
account-activity-wrong =
    { $count ->
        [one] Une réponse erronée
       *[other] { $count } réponses erronées
    }
account-state-pending = Pas encore envoyée
account-state-issued = En attente d’une réponse
account-state-challenge-failed = Non distribuée
account-state-challenge-passed = Approuvée
account-state-challenge-declined = Refusée
account-state-timed-out = Expirée

# Questions avant une suppression
account-removal-title = Êtes-vous sûr ?
account-removal-totp = Supprimer cette application d’authentification ? Ses codes ne seront plus acceptés.
account-removal-passkey = Supprimer cette clé d’accès ? Vous ne pourrez plus vous connecter avec elle.
account-removal-phone = Supprimer ce numéro de téléphone ?
account-removal-email = Supprimer cette adresse e-mail ?
account-removal-browser = Supprimer ce navigateur ? Il n’affichera plus vos demandes.
account-removal-device = Ne plus faire confiance à cet appareil ? Il faudra un second facteur à la prochaine connexion.
account-removal-all-devices = Ne plus faire confiance à aucun appareil ? Il faudra un second facteur sur chacun à la prochaine connexion.

# Raisons affichées à côté d’un formulaire
account-error-wrong-code = Ce code n’a pas été accepté. Vérifiez l’horloge de votre appareil et saisissez le code le plus récent.
account-error-wrong-message-code = Ce code n’a pas été accepté. Saisissez le code du message le plus récent.
account-error-delayed = Trop de codes erronés. Vous pourrez réessayer après :
account-error-disabled = Trop de codes erronés. Demandez à l’assistance de ce site d’autoriser de nouveau les codes.
account-error-setup-over = Cette configuration a pris trop de temps, ou elle est déjà terminée. Recommencez.
account-error-no-code-expected = Cette adresse n’accepte plus de code. Abandonnez-la, puis ajoutez-la de nouveau.
account-error-too-many-messages = Nous vous avons déjà envoyé plusieurs messages. Vous pourrez en demander un autre après :
account-error-full =
    { $count ->
        [0] Aucun ajout n’est possible.
        [one] Un seul ajout est possible. Supprimez d’abord celui qui existe.
       *[other] Au plus { $count } ajouts sont possibles. Supprimez-en d’abord un.
    }
account-error-phone-number = Ce n’est pas un numéro de téléphone avec indicatif de pays. Commencez par + et l’indicatif de votre pays.
account-error-email-address = Ce n’est pas une adresse e-mail. Une adresse a la forme nom@example.org.
account-error-push-subscription = Votre navigateur n’a pas pu être ajouté. Autorisez les notifications de ce site, puis réessayez.
account-error-passkey-name = Saisissez un nom de 60 lettres au plus.
account-error-passkey-refused = La clé d’accès n’a pas été acceptée. Réessayez, ou utilisez un autre appareil.
account-error-passkey-taken = Cette clé d’accès a déjà été ajoutée. Utilisez un autre appareil ou une autre clé de sécurité.
account-error-passkeys-unavailable = Ce site ne propose pas de clés d’accès.
account-error-last-factor = C’est votre seul second facteur. Ajoutez-en un autre avant de le supprimer.
account-error-same-factor = Confirmez d’abord avec un facteur d’un autre type, par exemple un code de secours.
account-error-no-factor-yet = Les codes de secours remplacent un autre facteur. Ajoutez d’abord une clé d’accès, une application d’authentification ou un numéro de téléphone.
account-error-number-missing = Saisissez le nombre affiché là où vous avez lancé la demande.
account-error-answer-refused = Votre réponse n’a pas été acceptée. Le nombre est peut-être erroné, ou il existe un message plus récent avec un autre lien.
