# Motivos pelos quais um pedido falha.
problem-title = Não resultou
problem-no-such-page = Esta página não existe.
problem-method = Este endereço não pode ser usado assim.
problem-other-origin = O pedido veio de outro site e foi recusado.
problem-prefetch = Abra a própria página para continuar.
problem-signed-out = Entre primeiro na sua conta.
problem-login-expired = Esta entrada expirou. Entre de novo.
problem-sign-in = Entrar
problem-malformed = O formulário está incompleto. Volte atrás e tente de novo.
problem-too-large = O formulário é demasiado grande.
problem-step-up-needed = Confirme primeiro com o seu segundo fator.
problem-no-factor = Para isto precisa de um fator que ainda não tem. Adicione-o primeiro.
problem-add-factor = Adicionar um segundo fator
problem-refused = A resposta não foi aceite.
problem-too-many-messages = Foram enviadas demasiadas mensagens. Tente mais tarde.
problem-invalid = Isto não é possível. Verifique os dados e tente de novo.
problem-unavailable = O serviço não está disponível. Tente mais tarde.
