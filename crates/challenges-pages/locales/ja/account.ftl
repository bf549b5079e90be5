# ユーザーが認証方法を管理するページ。

account-title = アカウントのセキュリティ
account-back = 一覧に戻る
account-continue = 続ける
account-drop = 破棄する
account-remove = 削除
account-rename = 名前を変更
account-save = 保存
account-confirm = 確認
account-copy = コピー
account-print = 印刷
account-download = ダウンロード
account-created = 追加日時:
account-used = 最終使用:
account-expires = 有効期限:
account-pending = 未完了
account-needs-script = このページには JavaScript が必要です。
account-no-factor = アカウントはパスワードだけで保護されています。パスキーまたは認証アプリを追加してください。

# 変更の報告
account-done-totp-added = 認証アプリを追加しました。
account-done-totp-removed = 認証アプリを削除しました。このアプリのコードは使えなくなりました。
account-done-passkey-added = パスキーを追加しました。
account-done-passkey-renamed = パスキーの名前を変更しました。
account-done-passkey-removed = パスキーを削除しました。デバイス上で削除するまで、デバイスがこのパスキーを表示することがあります。
account-done-device-revoked = このデバイスの信頼を取り消しました。
account-done-devices-revoked = すべてのデバイスの信頼を取り消しました。
account-done-phone-added = 電話番号を確認しました。
account-done-phone-known = この電話番号はすでに追加されています。
account-done-phone-removed = 電話番号を削除しました。
account-done-email-added = メールアドレスを確認しました。
account-done-email-known = このメールアドレスはすでに追加されています。
account-done-email-removed = メールアドレスを削除しました。
account-done-browser-added = 今後、このブラウザーにリクエストが表示されます。
account-done-browser-removed = ブラウザーを削除しました。今後、リクエストは表示されません。

# コードの間違いが多すぎる場合のロック
account-lock-until = 再試行できる日時:
account-lock-disabled = このサイトのサポートに解除を依頼してください。
account-lock-totp = 認証アプリのコードの間違いが多すぎます。
account-lock-totp-enrollment = 認証アプリの追加中のコードの間違いが多すぎます。
account-lock-code = コードの間違いが多すぎます。
account-lock-message-code = SMS のコードの間違いが多すぎます。
account-lock-email-code = メールのコードの間違いが多すぎます。
account-lock-confirmation = 確認コードの間違いが多すぎます。
account-lock-number = 数字の間違いが多すぎます。
account-lock-recovery-code = リカバリーコードの間違いが多すぎます。

# パスキー
account-passkeys = パスキー
account-passkeys-hint = 指紋、顔、デバイスの PIN、またはセキュリティキーでサインインします。パスキーはフィッシングに強い方法です。
account-passkeys-add = パスキーを追加
account-passkeys-intro = パスキーは、スマートフォン、パソコン、パスワードマネージャー、またはセキュリティキーに保存されます。読み出したり推測したりすることはできません。
account-passkeys-start = パスキーを作成
account-passkeys-create = ブラウザーがパスキーの保存先を尋ねます。
account-passkey-unnamed = パスキー
account-passkey-verifies = 指紋、顔、または PIN を確認します
account-passkey-touch = タッチのみを確認します
account-passkey-synced = デバイス間で同期されます
account-passkey-name = 名前
account-passkey-name-hint = 例: パスキーを保存したデバイス
account-passkey-rename-title = パスキーの名前を変更

# 認証アプリ
account-totp = 認証アプリ
account-totp-hint = スマートフォンのアプリが 30 秒ごとに新しいコードを表示します。
account-totp-add = 認証アプリを追加
account-totp-name = 認証アプリ { $count }
account-totp-intro = まずスマートフォンに認証アプリをインストールしてください。次に、アプリをアカウントに接続します。
account-totp-start = QR コードを表示
account-totp-scan = アプリでこの QR コードを読み取ってください。
account-totp-qr = 認証アプリ用の QR コード
account-totp-open = このデバイスでアプリを開く
account-totp-type = 読み取れない場合は、次のキーをアプリに入力してください:
account-totp-enter = アプリに表示されたコードを入力してください。
account-totp-lost-key = QR コードは一度だけ表示されます。読み取らなかった場合は、最初からやり直してください。
account-totp-restart = 最初からやり直す

# 電話番号、メールアドレス、ブラウザー
account-phones = 電話番号
account-phones-hint = SMS が届きます。
account-phones-add = 電話番号を追加
account-phone-label = 電話番号
account-phone-hint = 国番号を付けてください。例: +81 3 0000 0000
account-emails = メールアドレス
account-emails-hint = アカウントに関する連絡に使います。メールアドレスは第二の認証要素ではありません。
account-emails-add = メールアドレスを追加
account-email-label = メールアドレス
account-browsers = ブラウザー
account-browsers-hint = ブラウザーに通知が表示され、そこで承認または拒否します。
account-browsers-add = このブラウザーを追加
account-browsers-start = 通知をオンにする
account-browsers-unavailable = このサイトはブラウザーに通知を送信しません。
account-address-unknown = 読み取れない宛先
account-address-disabled = オフ
account-send-code = コードを送信
account-code-title = コードの入力
account-code-label = コード
account-code-sent = コードの送信先:
account-code-sent-again = 新しいコードを送信します。以前のコードは使えません。
account-resend = コードを再送信

# リカバリーコード
account-recovery-codes = リカバリーコード
account-recovery-codes-hint = ほかの認証方法を失ったときは、リカバリーコードで入れます。各コードは一度だけ使えます。
account-recovery-codes-missing = リカバリーコードがありません。ほかの認証方法を失うと、入れなくなります。
account-recovery-codes-left =
    { $count ->
        [0] リカバリーコードはありません。
       *[other] 未使用のリカバリーコードが { $count } 個あります。
    }
account-recovery-codes-void =
    { $count ->
       *[other] { $count } 個のリカバリーコードが使えなくなりました。新しいコードを生成してください。
    }
account-recovery-codes-generate = リカバリーコードを生成
account-recovery-codes-replaced = 以前のコードは使えなくなります。
account-recovery-codes-no-factor = 先にパスキー、認証アプリ、または電話番号を追加してください。
account-recovery-codes-new = リカバリーコード
account-recovery-codes-once = 今すぐ安全な場所に保管してください。コードは一度だけ表示されます。
account-recovery-codes-kept = コードを保管しました

# 信頼できるデバイス
account-devices = 信頼できるデバイス
account-devices-hint = これらのデバイスでは、パスワードだけでサインインできます。
account-device-revoke = 信頼を取り消す
account-devices-revoke-all = すべてのデバイスの信頼を取り消す

# アクティビティ
account-activity-link = 最近のアクティビティ
account-activity-title = 最近のアクティビティ
account-activity-hint = 本人確認のリクエストです。心当たりのないものがある場合は、パスワードを変更してください。
account-activity-none = 最近のリクエストはありません
account-activity-wrong =
    { $count ->
       *[other] 間違った回答: { $count } 件
    }
account-state-pending = 未送信
account-state-issued = 回答待ち
account-state-challenge-failed = 配信できませんでした
account-state-challenge-passed = 承認済み
account-state-challenge-declined = 拒否済み
account-state-timed-out = 期限切れ

# 削除前の確認
account-removal-title = よろしいですか？
account-removal-totp = この認証アプリを削除しますか？ このアプリのコードは使えなくなります。
account-removal-passkey = このパスキーを削除しますか？ このパスキーではサインインできなくなります。
account-removal-phone = この電話番号を削除しますか？
account-removal-email = このメールアドレスを削除しますか？
account-removal-browser = このブラウザーを削除しますか？ リクエストは表示されなくなります。
account-removal-device = このデバイスの信頼を取り消しますか？ 次回のサインインで第二の認証要素が必要になります。
account-removal-all-devices = すべてのデバイスの信頼を取り消しますか？ 次回のサインインで、それぞれ第二の認証要素が必要になります。

# フォームの横に表示する理由
account-error-wrong-code = このコードは受け付けられませんでした。デバイスの時計を確認し、最新のコードを入力してください。
account-error-wrong-message-code = このコードは受け付けられませんでした。最新のメッセージのコードを入力してください。
account-error-delayed = コードの間違いが多すぎます。再試行できる日時:
account-error-disabled = コードの間違いが多すぎます。コードを再び使えるように、このサイトのサポートに依頼してください。
account-error-setup-over = この設定は時間がかかりすぎたか、すでに完了しています。最初からやり直してください。
account-error-no-code-expected = この宛先にはもうコードを使えません。破棄してから、もう一度追加してください。
account-error-too-many-messages = すでに何通か送信しました。次に送信できる日時:
account-error-full =
    { $count ->
        [0] 追加できません。
       *[other] 追加できるのは最大 { $count } 個です。先に 1 個を削除してください。
    }
account-error-phone-number = 国番号付きの電話番号ではありません。+ と国番号から入力してください。
account-error-email-address = メールアドレスではありません。name@example.org の形式で入力してください。
account-error-push-subscription = ブラウザーを追加できませんでした。このサイトの通知を許可してから、もう一度お試しください。
account-error-passkey-name = 60 文字以内の名前を入力してください。
account-error-passkey-refused = パスキーは受け付けられませんでした。もう一度試すか、別のデバイスを使ってください。
account-error-passkey-taken = このパスキーはすでに追加されています。別のデバイスまたはセキュリティキーを使ってください。
account-error-passkeys-unavailable = このサイトではパスキーを使えません。
account-error-last-factor = これは唯一の第二の認証要素です。削除する前に、別のものを追加してください。
account-error-same-factor = 先に、リカバリーコードなど別の種類の方法で確認してください。
account-error-no-factor-yet = リカバリーコードはほかの認証方法の代わりに使うものです。先にパスキー、認証アプリ、または電話番号を追加してください。
account-error-number-missing = リクエストを開始した画面に表示されている数字を入力してください。
account-error-answer-refused = 回答は受け付けられませんでした。数字が間違っているか、別のリンクを含む新しいメッセージがあります。
