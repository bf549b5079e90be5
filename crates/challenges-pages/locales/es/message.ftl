# Los mensajes SMS, los correos y las notificaciones.

# SMS: mejor en caracteres de GSM-7, que tiene «é» y «ñ», pero no «ó» ni «ú».
message-sms-link =
    Para confirmar, abre en menos de { $minutes } min:
    { $link }
    Si no lo has pedido, ignora este mensaje.
message-sms-code =
    Escribe { $code } en { $origin } en menos de { $minutes } min, o abre para confirmar:
    { $link }
    Si no lo has pedido, ignora este mensaje.
message-sms-confirmation = Escribe { $code } en menos de { $minutes } min para confirmar este teléfono. No se lo des a nadie.

# Correos
message-email-subject = ¿Eres tú en { $origin }?
message-email-link =
    { $origin } pide tu confirmación. Abre esta página en menos de { $minutes } min:

    { $link }

    Si no eres tú, ignora este mensaje.
message-email-code =
    { $origin } pide tu confirmación. Tu código es { $code } y sirve durante { $minutes } min. Escríbelo en la página que lo pidió o abre esta página:

    { $link }

    Si no eres tú, ignora este mensaje.
message-email-confirmation-subject = Tu código para confirmar esta dirección
message-email-confirmation =
    { $code } es tu código para confirmar esta dirección de correo y sirve durante { $minutes } min. No se lo des a nadie.

    Si no eres tú, ignora este mensaje.

# Notificaciones
message-push-title = ¿Eres tú?
message-push-body = { $origin } pide tu confirmación. Abre esto en menos de { $minutes } min.

# Avisos de cambios, también por SMS
message-notice-title = Tu cuenta ha cambiado
message-notice = { $change } Si no lo hiciste, revisa tu cuenta ahora.
message-notice-time = Fecha: { $time }

# Los cambios
message-added = Añadido a tu cuenta: { $what }.
message-removed = Quitado de tu cuenta: { $what }.
message-enabled = Activado en tu cuenta: { $what }.
message-disabled = Desactivado en tu cuenta: { $what }.
message-imported = Importado a tu cuenta desde un sistema anterior: { $what }.
message-locked = Demasiadas respuestas incorrectas en tu cuenta: { $what }.
message-recovery-codes-generated = Tu cuenta tiene códigos de recuperación nuevos. Los anteriores ya no sirven.
message-recovery-codes-deleted = Se borraron los códigos de recuperación de tu cuenta.
message-recovery-code-used = Se usó un código de recuperación de tu cuenta. Quedan: { $count }.
message-recovery-code-used-few = Se usó un código de recuperación de tu cuenta. Quedan: { $count }. Genera otros nuevos.
message-device-trusted = Un navegador entra ahora en tu cuenta sin segundo factor.
message-device-stolen = Se copiaron los datos de acceso de un navegador, que necesita de nuevo el segundo factor.
message-reset = El servicio de asistencia ha desbloqueado tu cuenta.
message-changed = Han cambiado los medios para entrar en tu cuenta.

# Lo que se añadió, quitó, activó o desactivó
message-what-totp = una aplicación de autenticación
message-what-passkey = una llave de acceso
message-what-phone = un número de teléfono
message-what-browser = las notificaciones de un navegador
message-what-email = una dirección de correo
message-what-other = un medio para entrar

# Lo que se respondió mal demasiadas veces
message-wrong-totp = códigos de una aplicación de autenticación
message-wrong-recovery-code = códigos de recuperación
message-wrong-sms = códigos de mensajes SMS
message-wrong-email = códigos de correos
message-wrong-confirmation = códigos para una dirección nueva
message-wrong-code = códigos
