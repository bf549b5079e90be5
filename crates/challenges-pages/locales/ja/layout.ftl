# 各ページの枠と、スクリプトの文言。

# 押したボタンの横に表示する、ブラウザーのエラー。
layout-script-insecure = 安全なページ (https) でのみ使えます。
layout-script-unsupported = このブラウザーでは使えません。別のブラウザーまたは別の方法を使ってください。
layout-script-cancelled = キャンセルされたか、時間がかかりすぎたか、デバイスが本人確認をできませんでした。もう一度お試しください。
layout-script-registered = このパスキーまたはセキュリティキーはすでに登録されています。別のものを使ってください。
layout-script-unverified = このデバイスでは本人確認ができません。別のデバイスを使ってください。
layout-script-elsewhere = このサイトのパスキーは、このアドレスでは使えません。サイト本来のアドレスで開いてください。
layout-script-blocked = ブラウザーがこのサイトの通知をブロックしています。ブラウザーの設定で許可してから、もう一度お試しください。
layout-script-offline = ブラウザーがプッシュサービスに接続できませんでした。接続を確認してから、もう一度お試しください。
layout-script-failed = ブラウザーでエラーが発生しました。もう一度お試しください。

# 「コピー」を押した後に伝える言葉。
layout-script-copied = コピーしました
