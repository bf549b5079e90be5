# La confirmation par un second facteur.
factor-title = Confirmez que c’est bien vous
factor-why-login = Votre mot de passe est correct. Confirmez la connexion avec un second facteur.
factor-why-step-up = Cette opération demande une confirmation avec votre second facteur.
factor-second = Un facteur est confirmé. Il en faut un autre.
factor-wrong = Cela n’a pas fonctionné. Vérifiez la réponse et réessayez.
factor-disabled = Ce moyen est bloqué après trop de réponses erronées. Demandez de l’aide à l’assistance de ce service.
factor-locked = Trop de réponses erronées. Vous pourrez réessayer après :
factor-confirm = Confirmer
factor-continue = Continuer
factor-cancel = Annuler
factor-trust = Faire confiance à ce navigateur et ne plus demander ici pendant quelque temps
factor-passkey = Clé d’accès
factor-passkey-use = Utiliser une clé d’accès
factor-passkey-needs-script = Les clés d’accès ont besoin de JavaScript. Utilisez un autre moyen, ou activez JavaScript.
factor-totp = Application d’authentification
factor-totp-label = Code de votre application d’authentification
factor-message = Message à votre téléphone ou navigateur
factor-message-sent = Nous envoyons un message à :
factor-message-sent-again = Nous envoyons un nouveau message. Les messages précédents ne sont plus valables.
factor-message-label = Code reçu dans le message
factor-message-continue = Si vous approuvez avec le lien du message, cette page continue d’elle-même.
factor-message-late = Si rien n’arrive, envoyez de nouveau le message ou utilisez un autre moyen.
factor-message-check = J’ai approuvé
factor-number = Saisissez ce nombre sur la page qui s’ouvre depuis le message :
factor-resend = Envoyer de nouveau le message
factor-resend-wait = { $count ->
    [one] Trop de messages. Réessayez dans { $count } seconde.
   *[other] Trop de messages. Réessayez dans { $count } secondes.
  }
factor-too-many-messages = Aucun message n’a été envoyé.
factor-other-way = Autre moyen
factor-recovery = Code de secours
factor-recovery-hint = En cas de perte d’un téléphone ou d’une clé d’accès. Chaque code de secours ne sert qu’une fois.
factor-recovery-label = Code de secours
factor-renew = Réessayer
factor-exhausted = Trop de réponses erronées. Recommencez.
factor-declined = La demande a été refusée.
factor-timed-out = Le temps est écoulé. Recommencez.
factor-failed = Aucun moyen de confirmation ne fonctionne pour le moment. Réessayez, ou demandez de l’aide à l’assistance de ce service.
factor-passed = Cette confirmation a déjà servi. Recommencez.
