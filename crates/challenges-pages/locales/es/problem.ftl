# Motivos por los que falla una petición.
problem-title = No funcionó
problem-no-such-page = Esta página no existe.
problem-method = Esta dirección no se puede usar así.
problem-other-origin = La petición vino de otro sitio y fue rechazada.
problem-prefetch = Abre la propia página para continuar.
problem-signed-out = Inicia sesión primero.
problem-login-expired = Este inicio de sesión ha caducado. Inicia sesión de nuevo.
problem-sign-in = Iniciar sesión
problem-malformed = El formulario está incompleto. Vuelve atrás e inténtalo de nuevo.
problem-too-large = El formulario es demasiado grande.
problem-step-up-needed = Confirma primero con tu segundo factor.
problem-no-factor = Para esto necesitas un factor que aún no tienes. Añádelo primero.
problem-add-factor = Añadir un segundo factor
problem-refused = La respuesta no se aceptó.
problem-too-many-messages = Se enviaron demasiados mensajes. Inténtalo más tarde.
problem-invalid = Esto no es posible. Comprueba los datos e inténtalo de nuevo.
problem-unavailable = El servicio no está disponible. Inténtalo más tarde.
