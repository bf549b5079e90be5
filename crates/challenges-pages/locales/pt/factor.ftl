# A confirmação com um segundo fator.
factor-title = Confirme a sua identidade
factor-why-login = A sua senha está certa. Confirme a entrada com um segundo fator.
factor-why-step-up = Isto precisa de uma confirmação com o seu segundo fator.
factor-second = Um fator está confirmado. É preciso mais um.
factor-wrong = Não resultou. Verifique a resposta e tente de novo.
factor-disabled = Este meio está bloqueado após demasiadas respostas erradas. Peça ajuda ao apoio deste serviço.
factor-locked = Demasiadas respostas erradas. Pode tentar de novo depois de:
factor-confirm = Confirmar
factor-continue = Continuar
factor-cancel = Cancelar
factor-trust = Confiar neste navegador e não voltar a perguntar aqui durante algum tempo
factor-passkey = Chave de acesso
factor-passkey-use = Usar uma chave de acesso
factor-passkey-needs-script = As chaves de acesso precisam de JavaScript. Use outro meio ou ative o JavaScript.
factor-totp = Aplicação de autenticação
factor-totp-label = Código da sua aplicação de autenticação
factor-message = Mensagem para o seu telefone ou navegador
factor-message-sent = Estamos a enviar uma mensagem para:
factor-message-sent-again = Estamos a enviar outra mensagem. As mensagens anteriores já não servem.
factor-message-label = Código da mensagem
factor-message-continue = Se aprovar com a ligação da mensagem, esta página continua sozinha.
factor-message-late = Se nada chegar, envie a mensagem de novo ou use outro meio.
factor-message-check = Já aprovei
factor-number = Escreva este número na página que se abre a partir da mensagem:
factor-resend = Enviar a mensagem de novo
factor-resend-wait = { $count ->
    [one] Demasiadas mensagens. Tente de novo em { $count } segundo.
   *[other] Demasiadas mensagens. Tente de novo em { $count } segundos.
  }
factor-too-many-messages = Não foi enviada nenhuma mensagem.
factor-other-way = Outro meio
factor-recovery = Código de recuperação
factor-recovery-hint = Se perdeu um telefone ou uma chave de acesso. Cada código de recuperação serve uma só vez.
factor-recovery-label = Código de recuperação
factor-renew = Tentar de novo
factor-exhausted = Demasiadas respostas erradas. Comece de novo.
factor-declined = O pedido foi recusado.
factor-timed-out = O tempo terminou. Comece de novo.
factor-failed = De momento, nenhum meio de confirmação funciona. Tente de novo ou peça ajuda ao apoio deste serviço.
factor-passed = Esta confirmação já foi usada. Comece de novo.
