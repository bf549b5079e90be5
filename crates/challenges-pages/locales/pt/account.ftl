# As páginas em que os utilizadores gerem os seus fatores.

account-title = Segurança da sua conta
account-back = Voltar à visão geral
account-continue = Continuar
account-drop = Descartar
account-remove = Remover
account-rename = Mudar o nome
account-save = Guardar
account-confirm = Confirmar
account-copy = Copiar
account-print = Imprimir
account-download = Transferir
account-created = Adicionado:
account-used = Último uso:
account-expires = Termina:
account-pending = Ainda não concluído
account-needs-script = Esta página precisa de JavaScript.
account-no-factor = A sua conta está protegida apenas pela sua senha. Adicione uma chave de acesso ou uma aplicação de autenticação.

# Avisos após uma alteração
account-done-totp-added = A aplicação de autenticação foi adicionada.
account-done-totp-removed = A aplicação de autenticação foi removida. Os códigos dela já não são aceites.
account-done-passkey-added = A chave de acesso foi adicionada.
account-done-passkey-renamed = O nome da chave de acesso foi mudado.
account-done-passkey-removed = A chave de acesso foi removida. O seu dispositivo pode continuar a oferecê-la até que a apague lá.
account-done-device-revoked = O dispositivo já não é de confiança.
account-done-devices-revoked = Já não há nenhum dispositivo de confiança.
account-done-phone-added = O número de telefone foi confirmado.
account-done-phone-known = Este número de telefone já tinha sido adicionado.
account-done-phone-removed = O número de telefone foi removido.
account-done-email-added = O endereço de e-mail foi confirmado.
account-done-email-known = Este endereço de e-mail já tinha sido adicionado.
account-done-email-removed = O endereço de e-mail foi removido.
account-done-browser-added = Este navegador mostra agora os seus pedidos.
account-done-browser-removed = O navegador foi removido. Já não mostra os seus pedidos.

# Bloqueios após demasiados códigos errados
account-lock-until = Pode tentar de novo depois de:
account-lock-disabled = Peça ao apoio deste site que retire o bloqueio.
account-lock-totp = Demasiados códigos errados da sua aplicação de autenticação.
account-lock-totp-enrollment = Demasiados códigos errados ao adicionar uma aplicação de autenticação.
account-lock-code = Demasiados códigos errados.
account-lock-message-code = Demasiados códigos errados de mensagens SMS.
account-lock-email-code = Demasiados códigos errados de e-mails.
account-lock-confirmation = Demasiados códigos errados ao confirmar um endereço.
account-lock-number = Demasiados números errados.
account-lock-recovery-code = Demasiados códigos de recuperação errados.

# Chaves de acesso
account-passkeys = Chaves de acesso
account-passkeys-hint = Entre com a sua impressão digital, o rosto, o PIN do dispositivo ou uma chave de segurança. As chaves de acesso resistem ao phishing.
account-passkeys-add = Adicionar uma chave de acesso
account-passkeys-intro = Uma chave de acesso fica no seu telefone, no computador, num gestor de senhas ou numa chave de segurança. Ninguém a pode ler nem adivinhar.
account-passkeys-start = Criar uma chave de acesso
account-passkeys-create = O seu navegador vai perguntar onde guardar a chave de acesso.
account-passkey-unnamed = Chave de acesso
account-passkey-verifies = Verifica a sua impressão digital, o rosto ou o PIN
account-passkey-touch = Verifica apenas um toque
account-passkey-synced = Sincronizada entre os seus dispositivos
account-passkey-name = Nome
account-passkey-name-hint = Por exemplo, o dispositivo que guarda a chave de acesso
account-passkey-rename-title = Mudar o nome de uma chave de acesso

# Aplicações de autenticação
account-totp = Aplicações de autenticação
account-totp-hint = Uma aplicação no seu telefone mostra um código novo a cada 30 segundos.
account-totp-add = Adicionar uma aplicação de autenticação
account-totp-name = Aplicação de autenticação { $count }
account-totp-intro = Instale primeiro uma aplicação de autenticação no seu telefone. Depois, ligue-a à sua conta.
account-totp-start = Mostrar o código QR
account-totp-scan = Leia este código QR com a aplicação.
account-totp-qr = Código QR para a sua aplicação de autenticação
account-totp-open = Abrir a aplicação neste dispositivo
account-totp-type = Se não puder ler o código, escreva esta chave na aplicação:
account-totp-enter = Escreva o código que a aplicação mostra.
account-totp-lost-key = O código QR é mostrado uma só vez. Se não o leu, comece de novo.
account-totp-restart = Começar de novo

# Números de telefone, endereços de e-mail e navegadores
account-phones = Números de telefone
account-phones-hint = Recebe uma mensagem SMS.
account-phones-add = Adicionar um número de telefone
account-phone-label = Número de telefone
account-phone-hint = Com o código do país, por exemplo +351 210 000 000
account-emails = Endereços de e-mail
account-emails-hint = Para mensagens sobre a sua conta. Um endereço de e-mail não é um segundo fator.
account-emails-add = Adicionar um endereço de e-mail
account-email-label = Endereço de e-mail
account-browsers = Navegadores
account-browsers-hint = Um navegador mostra uma notificação, e aí aprova ou recusa.
account-browsers-add = Adicionar este navegador
account-browsers-start = Ativar as notificações
account-browsers-unavailable = Este site não envia notificações a navegadores.
account-address-unknown = Endereço ilegível
account-address-disabled = Desativado
account-send-code = Enviar um código
account-code-title = Escreva o código
account-code-label = Código
account-code-sent = Estamos a enviar um código para:
account-code-sent-again = Estamos a enviar outro código. Os códigos anteriores já não servem.
account-resend = Enviar outro código

# Códigos de recuperação
account-recovery-codes = Códigos de recuperação
account-recovery-codes-hint = Um código de recuperação dá-lhe acesso se tiver perdido os outros fatores. Cada código serve uma só vez.
account-recovery-codes-missing = Não tem códigos de recuperação. Sem eles não poderá entrar se perder os outros fatores.
account-recovery-codes-left =
    { $count ->
        [0] Não tem códigos de recuperação.
        [one] Tem um código de recuperação por usar.
       *[other] Tem { $count } códigos de recuperação por usar.
    }
account-recovery-codes-void =
    { $count ->
        [one] Um dos seus códigos de recuperação já não serve. Gere códigos novos.
       *[other] { $count } dos seus códigos de recuperação já não servem. Gere códigos novos.
    }
account-recovery-codes-generate = Gerar códigos de recuperação
account-recovery-codes-replaced = Os seus códigos anteriores deixam de servir.
account-recovery-codes-no-factor = Adicione primeiro uma chave de acesso, uma aplicação de autenticação ou um número de telefone.
account-recovery-codes-new = Os seus códigos de recuperação
account-recovery-codes-once = Guarde agora estes códigos num lugar seguro. São mostrados uma só vez.
account-recovery-codes-kept = Guardei os códigos

# Dispositivos de confiança
account-devices = Dispositivos de confiança
account-devices-hint = Nestes dispositivos entra apenas com a sua senha.
account-device-revoke = Deixar de confiar
account-devices-revoke-all = Deixar de confiar em todos os dispositivos

# Atividade
account-activity-link = Atividade recente
account-activity-title = Atividade recente
account-activity-hint = Pedidos para confirmar a sua identidade. Se não iniciou algum deles, mude a sua senha.
account-activity-none = Nenhum pedido recente
account-activity-wrong =
    { $count ->
        [one] Uma resposta errada
       *[other] { $count } respostas erradas
    }
account-state-pending = Ainda não enviado
account-state-issued = À espera de resposta
account-state-challenge-failed = Não entregue
account-state-challenge-passed = Aprovado
account-state-challenge-declined = Recusado
account-state-timed-out = Expirado

# Perguntas antes de remover
account-removal-title = Tem a certeza?
account-removal-totp = Remover esta aplicação de autenticação? Os códigos dela deixam de ser aceites.
account-removal-passkey = Remover esta chave de acesso? Deixa de poder entrar com ela.
account-removal-phone = Remover este número de telefone?
account-removal-email = Remover este endereço de e-mail?
account-removal-browser = Remover este navegador? Deixa de mostrar os seus pedidos.
account-removal-device = Deixar de confiar neste dispositivo? Precisará de um segundo fator na próxima entrada.
account-removal-all-devices = Deixar de confiar em todos os dispositivos? Cada um precisará de um segundo fator na próxima entrada.

# Motivos junto a um formulário
account-error-wrong-code = Este código não foi aceite. Verifique o relógio do seu dispositivo e escreva o código mais recente.
account-error-wrong-message-code = Este código não foi aceite. Escreva o código da mensagem mais recente.
account-error-delayed = Demasiados códigos errados. Pode tentar de novo depois de:
account-error-disabled = Demasiados códigos errados. Peça ao apoio deste site que volte a permitir códigos.
account-error-setup-over = Esta configuração demorou demasiado ou já está concluída. Comece de novo.
account-error-no-code-expected = Este endereço já não aceita nenhum código. Descarte-o e adicione-o de novo.
account-error-too-many-messages = Já lhe enviámos várias mensagens. Pode pedir outra depois de:
account-error-full =
    { $count ->
        [0] Não se pode adicionar nenhum.
        [one] Só se pode adicionar um. Remova primeiro o que existe.
       *[other] Podem adicionar-se no máximo { $count }. Remova um primeiro.
    }
account-error-phone-number = Isto não é um número de telefone com código do país. Comece por + e pelo código do seu país.
account-error-email-address = Isto não é um endereço de e-mail. Um endereço tem a forma nome@example.org.
account-error-push-subscription = Não foi possível adicionar o seu navegador. Permita as notificações deste site e tente de novo.
account-error-passkey-name = Escreva um nome com 60 letras no máximo.
account-error-passkey-refused = A chave de acesso não foi aceite. Tente de novo ou use outro dispositivo.
account-error-passkey-taken = Esta chave de acesso já tinha sido adicionada. Use outro dispositivo ou outra chave de segurança.
account-error-passkeys-unavailable = Este site não oferece chaves de acesso.
account-error-last-factor = É o seu único segundo fator. Adicione outro antes de o remover.
account-error-same-factor = Confirme primeiro com um fator de outro tipo, por exemplo um código de recuperação.
account-error-no-factor-yet = Os códigos de recuperação substituem outro fator. Adicione primeiro uma chave de acesso, uma aplicação de autenticação ou um número de telefone.
account-error-number-missing = Escreva o número mostrado onde iniciou o pedido.
account-error-answer-refused = A sua resposta não foi aceite. O número pode estar errado, ou há uma mensagem mais recente com outra ligação.
