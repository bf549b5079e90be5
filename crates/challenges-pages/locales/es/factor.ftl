# La confirmación con un segundo factor.
factor-title = Confirma que eres tú
factor-why-login = Tu contraseña es correcta. Confirma el inicio de sesión con un segundo factor.
factor-why-step-up = Esto necesita una confirmación con tu segundo factor.
factor-second = Un factor está confirmado. Esto necesita otro más.
factor-wrong = No funcionó. Comprueba la respuesta e inténtalo de nuevo.
factor-disabled = Este medio está bloqueado tras demasiadas respuestas incorrectas. Pide ayuda al servicio de asistencia.
factor-locked = Demasiadas respuestas incorrectas. Podrás volver a intentarlo después de:
factor-confirm = Confirmar
factor-continue = Continuar
factor-cancel = Cancelar
factor-trust = Confiar en este navegador y no volver a preguntar aquí durante un tiempo
factor-passkey = Llave de acceso
factor-passkey-use = Usar una llave de acceso
factor-passkey-needs-script = Las llaves de acceso necesitan JavaScript. Usa otro medio o activa JavaScript.
factor-totp = Aplicación de autenticación
factor-totp-label = Código de tu aplicación de autenticación
factor-message = Mensaje a tu teléfono o navegador
factor-message-sent = Estamos enviando un mensaje a:
factor-message-sent-again = Estamos enviando otro mensaje. Los mensajes anteriores ya no sirven.
factor-message-label = Código del mensaje
factor-message-continue = Si apruebas con el enlace del mensaje, esta página continúa sola.
factor-message-late = Si no llega nada, envía el mensaje de nuevo o usa otro medio.
factor-message-check = Ya aprobé
factor-number = Escribe este número en la página que se abre desde el mensaje:
factor-resend = Enviar el mensaje de nuevo
factor-resend-wait = { $count ->
    [one] Demasiados mensajes. Inténtalo de nuevo en { $count } segundo.
   *[other] Demasiados mensajes. Inténtalo de nuevo en { $count } segundos.
  }
factor-too-many-messages = No se envió ningún mensaje.
factor-other-way = Otro medio
factor-recovery = Código de recuperación
factor-recovery-hint = Por si perdiste un teléfono o una llave de acceso. Cada código de recuperación sirve una sola vez.
factor-recovery-label = Código de recuperación
factor-renew = Intentar de nuevo
factor-exhausted = Demasiadas respuestas incorrectas. Empieza de nuevo.
factor-declined = La solicitud fue rechazada.
factor-timed-out = El tiempo se agotó. Empieza de nuevo.
factor-failed = Por ahora no funciona ningún medio de confirmación. Inténtalo de nuevo o pide ayuda al servicio de asistencia.
factor-passed = Esta confirmación ya se usó. Empieza de nuevo.
