# El marco de cada página y los textos del script.

# Errores del navegador, junto al botón pulsado.
layout-script-insecure = Esto funciona solo en una página segura (https).
layout-script-unsupported = Este navegador no lo permite. Usa otro navegador u otro medio.
layout-script-cancelled = Se canceló, tardó demasiado o tu dispositivo no pudo confirmar que eres tú. Inténtalo de nuevo.
layout-script-registered = Esta llave de acceso o de seguridad ya está registrada. Usa otra.
layout-script-unverified = Este dispositivo no puede confirmar que eres tú. Usa otro.
layout-script-elsewhere = Las llaves de acceso de este sitio no funcionan en esta dirección. Abre el sitio en su propia dirección.
layout-script-blocked = Tu navegador bloquea las notificaciones de este sitio. Permítelas en los ajustes del navegador e inténtalo de nuevo.
layout-script-offline = Tu navegador no pudo conectar con su servicio de notificaciones. Comprueba la conexión e inténtalo de nuevo.
layout-script-failed = Tu navegador comunicó un error. Inténtalo de nuevo.

# Se anuncia tras pulsar «Copiar».
layout-script-copied = Copiado
