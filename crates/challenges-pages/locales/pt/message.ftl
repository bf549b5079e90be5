# As mensagens SMS, os e-mails e as notificações.

# SMS: de preferência em caracteres de GSM-7, que não tem «ã», «ç» nem a maioria dos acentos.
message-sms-link =
    Para confirmar, abra em menos de { $minutes } min:
    { $link }
    Se nada pediu, ignore esta mensagem.
message-sms-code =
    Escreva { $code } em { $origin } em menos de { $minutes } min, ou abra para confirmar:
    { $link }
    Se nada pediu, ignore esta mensagem.
message-sms-confirmation = Escreva { $code } em menos de { $minutes } min para confirmar este telefone. Nunca o mostre a ninguém.

# E-mails
message-email-subject = É você em { $origin }?
message-email-link =
    { $origin } pede a sua confirmação. Abra esta página em menos de { $minutes } min:

    { $link }

    Se não é você, ignore esta mensagem.
message-email-code =
    { $origin } pede a sua confirmação. O seu código é { $code } e serve durante { $minutes } min. Escreva-o na página que o pediu ou abra esta página:

    { $link }

    Se não é você, ignore esta mensagem.
message-email-confirmation-subject = O seu código para confirmar este endereço
message-email-confirmation =
    { $code } é o seu código para confirmar este endereço de e-mail e serve durante { $minutes } min. Nunca o mostre a ninguém.

    Se não é você, ignore esta mensagem.

# Notificações
message-push-title = É você?
message-push-body = { $origin } pede a sua confirmação. Abra isto em menos de { $minutes } min.

# Avisos de alterações, também por SMS
message-notice-title = A sua conta foi alterada
message-notice = { $change } Se não foi você, verifique agora a sua conta.
message-notice-time = Data: { $time }

# As alterações
message-added = Adicionado à sua conta: { $what }.
message-removed = Removido da sua conta: { $what }.
message-enabled = Ativado na sua conta: { $what }.
message-disabled = Desativado na sua conta: { $what }.
message-imported = Trazido de um sistema anterior para a sua conta: { $what }.
message-locked = Demasiadas respostas erradas na sua conta: { $what }.
message-recovery-codes-generated = A sua conta tem novos códigos de recuperação. Os anteriores já não servem.
message-recovery-codes-deleted = Os códigos de recuperação da sua conta foram apagados.
message-recovery-code-used = Foi usado um código de recuperação da sua conta. Restam: { $count }.
message-recovery-code-used-few = Foi usado um código de recuperação da sua conta. Restam: { $count }. Gere novos.
message-device-trusted = Um navegador entra agora na sua conta sem segundo fator.
message-device-stolen = Os dados de acesso de um navegador foram copiados. Precisa de novo do segundo fator.
message-reset = O apoio desbloqueou a sua conta.
message-changed = Os meios de entrar na sua conta foram alterados.

# O que foi adicionado, removido, ativado ou desativado
message-what-totp = uma aplicação de autenticação
message-what-passkey = uma chave de acesso
message-what-phone = um número de telefone
message-what-browser = as notificações de um navegador
message-what-email = um endereço de e-mail
message-what-other = um meio de entrar

# O que foi respondido mal demasiadas vezes
message-wrong-totp = códigos de uma aplicação de autenticação
message-wrong-recovery-code = códigos de recuperação
message-wrong-sms = códigos de mensagens SMS
message-wrong-email = códigos de e-mails
message-wrong-confirmation = códigos para um endereço novo
message-wrong-code = códigos
