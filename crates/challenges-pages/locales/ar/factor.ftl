# التأكيد بعامل ثانٍ.
factor-title = أكّد أن هذا أنت
factor-why-login = كلمة مرورك صحيحة. أكّد تسجيل الدخول بعامل ثانٍ.
factor-why-step-up = يحتاج هذا إلى تأكيد بعاملك الثاني.
factor-second = تم تأكيد عامل واحد. يلزم عامل آخر.
factor-wrong = لم ينجح ذلك. تحقق من الإجابة، ثم حاول مجددًا.
factor-disabled = حُظرت هذه الطريقة بعد إجابات خاطئة كثيرة. اطلب المساعدة من دعم هذه الخدمة.
factor-locked = إجابات خاطئة كثيرة. يمكنك المحاولة مجددًا بعد:
factor-confirm = تأكيد
factor-continue = متابعة
factor-cancel = إلغاء
factor-trust = الوثوق بهذا المتصفح وعدم السؤال هنا مجددًا لفترة
factor-passkey = مفتاح مرور
factor-passkey-use = استخدام مفتاح مرور
factor-passkey-needs-script = تحتاج مفاتيح المرور إلى JavaScript. استخدم طريقة أخرى أو فعّل JavaScript.
factor-totp = تطبيق المصادقة
factor-totp-label = الرمز من تطبيق المصادقة
factor-message = رسالة إلى هاتفك أو متصفحك
factor-message-sent = نرسل رسالة إلى:
factor-message-sent-again = نرسل رسالة أخرى. لم تعد الرسائل السابقة صالحة.
factor-message-label = الرمز من الرسالة
factor-message-continue = إذا وافقت عبر الرابط في الرسالة، فستتابع هذه الصفحة تلقائيًا.
factor-message-late = إذا لم يصل شيء، فأعد إرسال الرسالة أو استخدم طريقة أخرى.
factor-message-check = لقد وافقت
factor-number = اكتب هذا الرقم في الصفحة التي تُفتح من الرسالة:
factor-resend = إرسال الرسالة مجددًا
factor-resend-wait = { $count ->
    [one] رسائل كثيرة جدًا. حاول مجددًا بعد ثانية واحدة.
    [two] رسائل كثيرة جدًا. حاول مجددًا بعد ثانيتين.
    [few] رسائل كثيرة جدًا. حاول مجددًا بعد { $count } ثوانٍ.
   *[other] رسائل كثيرة جدًا. حاول مجددًا بعد { $count } ثانية.
  }
factor-too-many-messages = لم تُرسل أي رسالة.
factor-other-way = طريقة أخرى
factor-recovery = رمز استرداد
factor-recovery-hint = عند فقدان هاتف أو مفتاح مرور. يُستخدم كل رمز استرداد مرة واحدة.
factor-recovery-label = رمز استرداد
factor-renew = المحاولة مجددًا
factor-exhausted = إجابات خاطئة كثيرة. ابدأ من جديد.
factor-declined = رُفض الطلب.
factor-timed-out = انتهى الوقت. ابدأ من جديد.
factor-failed = لا تعمل أي طريقة تأكيد في الوقت الحالي. حاول مجددًا أو اطلب المساعدة من دعم هذه الخدمة.
factor-passed = سبق استخدام هذا التأكيد. ابدأ من جديد.
