# Les raisons pour lesquelles une requête échoue.
problem-title = Cela n’a pas fonctionné
problem-no-such-page = Cette page n’existe pas.
problem-method = Cette adresse ne peut pas être utilisée ainsi.
problem-other-origin = La requête venait d’un autre site et a été refusée.
problem-prefetch = Ouvrez la page elle-même pour continuer.
problem-signed-out = Connectez-vous d’abord.
problem-login-expired = Cette connexion a expiré. Connectez-vous de nouveau.
problem-sign-in = Se connecter
problem-malformed = Le formulaire est incomplet. Revenez en arrière et réessayez.
problem-too-large = Le formulaire est trop volumineux.
problem-step-up-needed = Confirmez d’abord avec votre second facteur.
problem-no-factor = Il vous faut pour cela un facteur que vous n’avez pas encore. Ajoutez-le d’abord.
problem-add-factor = Ajouter un second facteur
problem-refused = La réponse n’a pas été acceptée.
problem-too-many-messages = Trop de messages ont été envoyés. Réessayez plus tard.
problem-invalid = Cela n’est pas possible. Vérifiez la saisie et réessayez.
problem-unavailable = Le service n’est pas disponible. Réessayez plus tard.
