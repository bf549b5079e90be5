# SMS、メール、プッシュ通知。

# SMS（1 通は 70 文字まで）。
message-sms-link =
    ご本人ですか？{ $minutes } 分以内に開いて確認してください:
    { $link }
    心当たりがなければ無視してください。
message-sms-code =
    { $origin } のコード: { $code } （{ $minutes } 分間有効）。または次を開いて確認:
    { $link }
    心当たりがなければ無視してください。
message-sms-confirmation = この電話番号を確認するコード: { $code } （{ $minutes } 分間有効）。誰にも教えないでください。

# メール
message-email-subject = { $origin } からのご本人確認
message-email-link =
    { $origin } が確認を求めています。{ $minutes } 分以内に次のページを開いてください:

    { $link }

    心当たりがない場合は、このメールを無視してください。
message-email-code =
    { $origin } が確認を求めています。コードは { $code } です（{ $minutes } 分間有効）。コードを求めている画面に入力するか、次のページを開いてください:

    { $link }

    心当たりがない場合は、このメールを無視してください。
message-email-confirmation-subject = メールアドレス確認用のコード
message-email-confirmation =
    このメールアドレスを確認するコード: { $code } （{ $minutes } 分間有効）。誰にも教えないでください。

    心当たりがない場合は、このメールを無視してください。

# プッシュ通知
message-push-title = ご本人ですか？
message-push-body = { $origin } が確認を求めています。{ $minutes } 分以内に開いてください。

# 変更のお知らせ
message-notice-title = アカウントが変更されました
message-notice = { $change }心当たりがない場合は、今すぐアカウントを確認してください。
message-notice-time = 日時: { $time }

# 変更の内容
message-added = アカウントに追加されました: { $what }。
message-removed = アカウントから削除されました: { $what }。
message-enabled = アカウントで有効になりました: { $what }。
message-disabled = アカウントで無効になりました: { $what }。
message-imported = 以前のシステムからアカウントに移されました: { $what }。
message-locked = アカウントで間違いが多すぎます: { $what }。
message-recovery-codes-generated = アカウントの新しいリカバリーコードが作成されました。以前のコードは使えません。
message-recovery-codes-deleted = アカウントのリカバリーコードが削除されました。
message-recovery-code-used = アカウントのリカバリーコードが使われました。残り: { $count }。
message-recovery-code-used-few = アカウントのリカバリーコードが使われました。残り: { $count }。新しいコードを作成してください。
message-device-trusted = 第二の認証要素なしでアカウントにサインインするブラウザーが追加されました。
message-device-stolen = ブラウザーのサインイン情報がコピーされました。そのブラウザーには再び第二の認証要素が必要です。
message-reset = サポートがアカウントのロックを解除しました。
message-changed = アカウントへのサインイン方法が変更されました。

# 追加、削除、有効化、無効化されたもの
message-what-totp = 認証アプリ
message-what-passkey = パスキー
message-what-phone = 電話番号
message-what-browser = ブラウザーへのプッシュ通知
message-what-email = メールアドレス
message-what-other = サインイン方法

# 間違いが多すぎたもの
message-wrong-totp = 認証アプリのコード
message-wrong-recovery-code = リカバリーコード
message-wrong-sms = SMS のコード
message-wrong-email = メールのコード
message-wrong-confirmation = 新しい連絡先の確認コード
message-wrong-code = コード
