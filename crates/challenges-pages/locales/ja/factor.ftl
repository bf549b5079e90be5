# 第二の認証要素による確認。
factor-title = ご本人の確認
factor-why-login = パスワードは正しく入力されました。第二の認証要素でサインインを確認してください。
factor-why-step-up = 第二の認証要素による確認が必要です。
factor-second = 1 つ目の認証要素を確認しました。もう 1 つ必要です。
factor-wrong = 確認できませんでした。回答を確かめて、もう一度お試しください。
factor-disabled = 間違いが多すぎるため、この方法はブロックされています。このサービスのサポートにお問い合わせください。
factor-locked = 間違いが多すぎます。再試行できる日時:
factor-confirm = 確認
factor-continue = 続ける
factor-cancel = キャンセル
factor-trust = このブラウザーを信頼し、しばらくの間ここでは確認しない
factor-passkey = パスキー
factor-passkey-use = パスキーを使う
factor-passkey-needs-script = パスキーには JavaScript が必要です。別の方法を使うか、JavaScript を有効にしてください。
factor-totp = 認証アプリ
factor-totp-label = 認証アプリのコード
factor-message = 電話またはブラウザーへのメッセージ
factor-message-sent = メッセージの送信先:
factor-message-label = メッセージのコード
factor-message-continue = メッセージのリンクで承認すると、このページは自動的に進みます。
factor-message-check = 承認しました
factor-number = メッセージから開くページに、この数字を入力してください:
factor-resend = メッセージを再送信
factor-resend-wait = { $count ->
   *[other] メッセージが多すぎます。あと { $count } 秒で再試行できます。
  }
factor-too-many-messages = メッセージは送信されませんでした。
factor-other-way = 別の方法
factor-recovery = リカバリーコード
factor-recovery-hint = 電話やパスキーをなくした場合に使います。各リカバリーコードは一度だけ使えます。
factor-recovery-label = リカバリーコード
factor-renew = もう一度試す
factor-exhausted = 間違いが多すぎます。最初からやり直してください。
factor-declined = リクエストは拒否されました。
factor-timed-out = 時間切れです。最初からやり直してください。
factor-failed = 現在、使える確認方法がありません。もう一度試すか、このサービスのサポートにお問い合わせください。
factor-passed = この確認はすでに使われました。最初からやり直してください。
