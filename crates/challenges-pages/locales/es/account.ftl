# Las páginas en las que los usuarios gestionan sus factores.

account-title = Seguridad de tu cuenta
account-back = Volver al resumen
account-continue = Continuar
account-drop = Descartar
account-remove = Quitar
account-rename = Cambiar nombre
account-save = Guardar
account-confirm = Confirmar
account-copy = Copiar
account-print = Imprimir
account-download = Descargar
account-created = Añadido:
account-used = Último uso:
account-expires = Termina:
account-pending = Aún sin completar
account-needs-script = Esta página necesita JavaScript.
account-no-factor = Tu cuenta está protegida solo por tu contraseña. Añade una llave de acceso o una aplicación de autenticación.

# Avisos tras un cambio
account-done-totp-added = Se añadió la aplicación de autenticación.
account-done-totp-removed = Se quitó la aplicación de autenticación. Sus códigos ya no se aceptan.
account-done-passkey-added = Se añadió la llave de acceso.
account-done-passkey-renamed = Se cambió el nombre de la llave de acceso.
account-done-passkey-removed = Se quitó la llave de acceso. Tu dispositivo puede seguir ofreciéndola hasta que la borres allí.
account-done-device-revoked = El dispositivo ya no es de confianza.
account-done-devices-revoked = Ya no hay ningún dispositivo de confianza.
account-done-phone-added = Se confirmó el número de teléfono.
account-done-phone-known = Ya habías añadido este número de teléfono.
account-done-phone-removed = Se quitó el número de teléfono.
account-done-email-added = Se confirmó la dirección de correo.
account-done-email-known = Ya habías añadido esta dirección de correo.
account-done-email-removed = Se quitó la dirección de correo.
account-done-browser-added = Este navegador muestra ahora tus solicitudes.
account-done-browser-removed = Se quitó el navegador. Ya no muestra tus solicitudes.

# Bloqueos tras demasiados códigos incorrectos
account-lock-until = Podrás volver a intentarlo después de:
account-lock-disabled = Pide al servicio de asistencia de este sitio que quite el bloqueo.
account-lock-totp = Demasiados códigos incorrectos de tu aplicación de autenticación.
account-lock-totp-enrollment = Demasiados códigos incorrectos al añadir una aplicación de autenticación.
account-lock-code = Demasiados códigos incorrectos.
account-lock-message-code = Demasiados códigos incorrectos de mensajes SMS.
account-lock-email-code = Demasiados códigos incorrectos de correos.
account-lock-confirmation = Demasiados códigos incorrectos al confirmar una dirección.
account-lock-number = Demasiados números incorrectos.
account-lock-recovery-code = Demasiados códigos de recuperación incorrectos.

# Llaves de acceso
account-passkeys = Llaves de acceso
account-passkeys-hint = Inicia sesión con tu huella, tu cara, el PIN del dispositivo o una llave de seguridad. Las llaves de acceso resisten el phishing.
account-passkeys-add = Añadir una llave de acceso
account-passkeys-intro = Una llave de acceso está en tu teléfono, tu ordenador, un gestor de contraseñas o una llave de seguridad. Nadie puede leerla ni adivinarla.
account-passkeys-start = Crear una llave de acceso
account-passkeys-create = Tu navegador preguntará dónde guardar la llave de acceso.
account-passkey-unnamed = Llave de acceso
account-passkey-verifies = Comprueba tu huella, tu cara o tu PIN
account-passkey-touch = Comprueba solo un toque
account-passkey-synced = Sincronizada entre tus dispositivos
account-passkey-name = Nombre
account-passkey-name-hint = Por ejemplo, el dispositivo que guarda la llave de acceso
account-passkey-rename-title = Cambiar el nombre de una llave de acceso

# Aplicaciones de autenticación
account-totp = Aplicaciones de autenticación
account-totp-hint = Una aplicación en tu teléfono muestra un código nuevo cada 30 segundos.
account-totp-add = Añadir una aplicación de autenticación
account-totp-name = Aplicación de autenticación { $count }
account-totp-intro = Instala primero una aplicación de autenticación en tu teléfono. Después, conéctala con tu cuenta.
account-totp-start = Mostrar el código QR
account-totp-scan = Escanea este código QR con la aplicación.
account-totp-qr = Código QR para tu aplicación de autenticación
account-totp-open = Abrir la aplicación en este dispositivo
account-totp-type = Si no puedes escanear, escribe esta clave en la aplicación:
account-totp-enter = Escribe el código que muestra la aplicación.
account-totp-lost-key = El código QR se muestra una sola vez. Si no lo has escaneado, empieza de nuevo.
account-totp-restart = Empezar de nuevo

# Números de teléfono, direcciones de correo y navegadores
account-phones = Números de teléfono
account-phones-hint = Recibes un mensaje SMS.
account-phones-add = Añadir un número de teléfono
account-phone-label = Número de teléfono
account-phone-hint = Con el prefijo del país, por ejemplo +34 910 00 00 00
account-emails = Direcciones de correo
account-emails-hint = Para mensajes sobre tu cuenta. Una dirección de correo no es un segundo factor.
account-emails-add = Añadir una dirección de correo
account-email-label = Dirección de correo
account-browsers = Navegadores
account-browsers-hint = Un navegador muestra una notificación, y allí apruebas o rechazas.
account-browsers-add = Añadir este navegador
account-browsers-start = Activar las notificaciones
account-browsers-unavailable = Este sitio no envía notificaciones a navegadores.
account-address-unknown = Dirección ilegible
account-address-disabled = Desactivado
account-send-code = Enviar un código
account-code-title = Escribe el código
account-code-label = Código
account-code-sent = Estamos enviando un código a:
account-code-sent-again = Estamos enviando otro código. Los códigos anteriores ya no sirven.
account-resend = Enviar otro código

# Códigos de recuperación
account-recovery-codes = Códigos de recuperación
account-recovery-codes-hint = Un código de recuperación te da acceso si has perdido tus otros factores. Cada código sirve una sola vez.
account-recovery-codes-missing = No tienes códigos de recuperación. Sin ellos no podrás entrar si pierdes tus otros factores.
account-recovery-codes-left =
    { $count ->
        [0] No tienes códigos de recuperación.
        [one] Tienes un código de recuperación sin usar.
       *[other] Tienes { $count } códigos de recuperación sin usar.
    }
account-recovery-codes-void =
    { $count ->
        [one] Uno de tus códigos de recuperación ya no sirve. Genera códigos nuevos.
       *[other] { $count } de tus códigos de recuperación ya no sirven. Genera códigos nuevos.
    }
account-recovery-codes-generate = Generar códigos de recuperación
account-recovery-codes-replaced = Tus códigos anteriores dejan de servir.
account-recovery-codes-no-factor = Añade primero una llave de acceso, una aplicación de autenticación o un número de teléfono.
account-recovery-codes-new = Tus códigos de recuperación
account-recovery-codes-once = Guarda ahora estos códigos en un lugar seguro. Se muestran una sola vez.
account-recovery-codes-kept = He guardado los códigos

# Dispositivos de confianza
account-devices = Dispositivos de confianza
account-devices-hint = En estos dispositivos inicias sesión solo con tu contraseña.
account-device-revoke = Dejar de confiar
account-devices-revoke-all = Dejar de confiar en todos los dispositivos

# Actividad
account-activity-link = Actividad reciente
account-activity-title = Actividad reciente
account-activity-hint = Solicitudes para confirmar que eres tú. Si no iniciaste alguna, cambia tu contraseña.
account-activity-none = Ninguna solicitud reciente
account-activity-wrong =
    { $count ->
        [one] Una respuesta incorrecta
       *[other] { $count } respuestas incorrectas
    }
account-state-pending = Aún sin enviar
account-state-issued = A la espera de respuesta
account-state-challenge-failed = No entregada
account-state-challenge-passed = Aprobada
account-state-challenge-declined = Rechazada
account-state-timed-out = Caducada

# Preguntas antes de quitar algo
account-removal-title = ¿Seguro?
account-removal-totp = ¿Quitar esta aplicación de autenticación? Sus códigos ya no se aceptarán.
account-removal-passkey = ¿Quitar esta llave de acceso? Ya no podrás iniciar sesión con ella.
account-removal-phone = ¿Quitar este número de teléfono?
account-removal-email = ¿Quitar esta dirección de correo?
account-removal-browser = ¿Quitar este navegador? Ya no mostrará tus solicitudes.
account-removal-device = ¿Dejar de confiar en este dispositivo? Necesitará un segundo factor en el próximo inicio de sesión.
account-removal-all-devices = ¿Dejar de confiar en todos los dispositivos? Cada uno necesitará un segundo factor en el próximo inicio de sesión.

# Motivos junto a un formulario
account-error-wrong-code = Este código no se aceptó. Comprueba el reloj de tu dispositivo y escribe el código más reciente.
account-error-wrong-message-code = Este código no se aceptó. Escribe el código del mensaje más reciente.
account-error-delayed = Demasiados códigos incorrectos. Podrás volver a intentarlo después de:
account-error-disabled = Demasiados códigos incorrectos. Pide al servicio de asistencia de este sitio que vuelva a permitir códigos.
account-error-setup-over = Esta configuración tardó demasiado o ya está completada. Empieza de nuevo.
account-error-no-code-expected = Esta dirección ya no acepta ningún código. Descártala y añádela de nuevo.
account-error-too-many-messages = Ya te enviamos varios mensajes. Podrás pedir otro después de:
account-error-full =
    { $count ->
        [0] No se puede añadir ninguno.
        [one] Solo se puede añadir uno. Quita primero el que hay.
       *[other] Se pueden añadir como máximo { $count }. Quita uno primero.
    }
account-error-phone-number = Esto no es un número de teléfono con prefijo de país. Empieza por + y el prefijo de tu país.
account-error-email-address = Esto no es una dirección de correo. Una dirección tiene la forma nombre@example.org.
account-error-push-subscription = No se pudo añadir tu navegador. Permite las notificaciones de este sitio e inténtalo de nuevo.
account-error-passkey-name = Escribe un nombre de 60 letras como máximo.
account-error-passkey-refused = La llave de acceso no se aceptó. Inténtalo de nuevo o usa otro dispositivo.
account-error-passkey-taken = Esta llave de acceso ya se había añadido. Usa otro dispositivo u otra llave de seguridad.
account-error-passkeys-unavailable = Este sitio no ofrece llaves de acceso.
account-error-last-factor = Es tu único segundo factor. Añade otro antes de quitarlo.
account-error-same-factor = Confirma primero con un factor de otro tipo, por ejemplo un código de recuperación.
account-error-no-factor-yet = Los códigos de recuperación sustituyen a otro factor. Añade primero una llave de acceso, una aplicación de autenticación o un número de teléfono.
account-error-number-missing = Escribe el número que se muestra donde iniciaste la solicitud.
account-error-answer-refused = Tu respuesta no se aceptó. Puede que el número sea incorrecto o que haya un mensaje más reciente con otro enlace.
