# リクエストが失敗する理由。
problem-title = 完了できませんでした
problem-no-such-page = このページはありません。
problem-method = このアドレスはこの方法では使えません。
problem-other-origin = 別のサイトからのリクエストのため、拒否しました。
problem-prefetch = 続けるには、ページ自体を開いてください。
problem-signed-out = 先にサインインしてください。
problem-login-expired = このサインインは期限切れです。もう一度サインインしてください。
problem-sign-in = サインイン
problem-malformed = フォームに不足があります。戻って、もう一度お試しください。
problem-too-large = フォームが大きすぎます。
problem-step-up-needed = 先に第二の認証要素で確認してください。
problem-no-factor = この操作には、まだ登録していない認証要素が必要です。先に追加してください。
problem-add-factor = 第二の認証要素を追加
problem-refused = 回答は受け付けられませんでした。
problem-too-many-messages = 送信したメッセージが多すぎます。後でもう一度お試しください。
problem-invalid = この操作はできません。入力を確かめて、もう一度お試しください。
problem-unavailable = サービスを利用できません。後でもう一度お試しください。
