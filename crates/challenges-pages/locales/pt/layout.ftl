# A moldura de cada página e os textos do script.

# Erros do navegador, junto ao botão premido.
layout-script-insecure = Isto só funciona numa página segura (https).
layout-script-unsupported = Este navegador não o permite. Use outro navegador ou outro meio.
layout-script-cancelled = A operação foi cancelada, demorou demasiado, ou o seu dispositivo não conseguiu confirmar a sua identidade. Tente de novo.
layout-script-registered = Esta chave de acesso ou de segurança já está registada. Use outra.
layout-script-unverified = Este dispositivo não consegue confirmar a sua identidade. Use outro.
layout-script-elsewhere = As chaves de acesso deste site não funcionam neste endereço. Abra o site no endereço próprio.
layout-script-blocked = O seu navegador bloqueia as notificações deste site. Permita-as nas definições do navegador e tente de novo.
layout-script-offline = O seu navegador não conseguiu contactar o serviço de notificações. Verifique a ligação e tente de novo.
layout-script-failed = O seu navegador comunicou um erro. Tente de novo.

# Anunciado após premir «Copiar».
layout-script-copied = Copiado
