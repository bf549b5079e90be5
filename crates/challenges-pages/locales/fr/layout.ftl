# Le cadre de chaque page et les textes du script.

# Erreurs du navigateur, affichées à côté du bouton.
layout-script-insecure = Cela ne fonctionne que sur une page sécurisée (https).
layout-script-unsupported = Ce navigateur ne le permet pas. Utilisez un autre navigateur ou un autre moyen.
layout-script-cancelled = L’opération a été annulée, a pris trop de temps, ou votre appareil n’a pas pu confirmer que c’est bien vous. Réessayez.
layout-script-registered = Cette clé d’accès ou clé de sécurité est déjà enregistrée. Utilisez-en une autre.
layout-script-unverified = Cet appareil ne peut pas confirmer que c’est bien vous. Utilisez-en un autre.
layout-script-elsewhere = Les clés d’accès de ce site ne fonctionnent pas à cette adresse. Ouvrez le site à sa propre adresse.
layout-script-blocked = Votre navigateur bloque les notifications de ce site. Autorisez-les dans les réglages du navigateur, puis réessayez.
layout-script-offline = Votre navigateur n’a pas pu joindre son service de notifications. Vérifiez la connexion, puis réessayez.
layout-script-failed = Votre navigateur a signalé une erreur. Réessayez.

# Annoncé après un appui sur « Copier ».
layout-script-copied = Copié
