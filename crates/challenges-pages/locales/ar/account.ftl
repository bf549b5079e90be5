# الصفحات التي يدير فيها المستخدمون عواملهم.

account-title = أمان حسابك
account-back = العودة إلى النظرة العامة
account-continue = متابعة
account-drop = تجاهل
account-remove = إزالة
account-rename = إعادة تسمية
account-save = حفظ
account-confirm = تأكيد
account-copy = نسخ
account-print = طباعة
account-download = تنزيل
account-created = تاريخ الإضافة:
account-used = آخر استخدام:
account-expires = ينتهي في:
account-pending = لم يكتمل بعد
account-needs-script = تحتاج هذه الصفحة إلى JavaScript.
account-no-factor = حسابك محمي بكلمة المرور فقط. أضف مفتاح مرور أو تطبيق مصادقة.

# تقارير عن التغييرات
account-done-totp-added = أُضيف تطبيق المصادقة.
account-done-totp-removed = أُزيل تطبيق المصادقة. لم تعد رموزه مقبولة.
account-done-passkey-added = أُضيف مفتاح المرور.
account-done-passkey-renamed = تغيّر اسم مفتاح المرور.
account-done-passkey-removed = أُزيل مفتاح المرور. قد يستمر جهازك في عرضه إلى أن تحذفه من الجهاز.
account-done-device-revoked = لم يعد الجهاز موثوقًا به.
account-done-devices-revoked = لم يعد أي جهاز موثوقًا به.
account-done-phone-added = تم تأكيد رقم الهاتف.
account-done-phone-known = سبق أن أضفت رقم الهاتف هذا.
account-done-phone-removed = أُزيل رقم الهاتف.
account-done-email-added = تم تأكيد عنوان البريد الإلكتروني.
account-done-email-known = سبق أن أضفت عنوان البريد الإلكتروني هذا.
account-done-email-removed = أُزيل عنوان البريد الإلكتروني.
account-done-browser-added = سيعرض هذا المتصفح طلباتك من الآن.
account-done-browser-removed = أُزيل المتصفح. لم يعد يعرض طلباتك.

# الحظر بعد رموز خاطئة كثيرة
account-lock-until = يمكنك المحاولة مجددًا بعد:
account-lock-disabled = اطلب من دعم هذا الموقع رفع الحظر.
account-lock-totp = رموز خاطئة كثيرة من تطبيق المصادقة.
account-lock-totp-enrollment = رموز خاطئة كثيرة أثناء إضافة تطبيق مصادقة.
account-lock-code = رموز خاطئة كثيرة.
account-lock-message-code = رموز خاطئة كثيرة من الرسائل النصية.
account-lock-email-code = رموز خاطئة كثيرة من رسائل البريد الإلكتروني.
account-lock-confirmation = رموز خاطئة كثيرة أثناء تأكيد عنوان.
account-lock-number = أرقام خاطئة كثيرة.
account-lock-recovery-code = رموز استرداد خاطئة كثيرة.

# مفاتيح المرور
account-passkeys = مفاتيح المرور
account-passkeys-hint = سجّل الدخول ببصمة إصبعك أو وجهك أو رمز PIN للجهاز أو مفتاح أمان. مفاتيح المرور تقاوم التصيّد الاحتيالي.
account-passkeys-add = إضافة مفتاح مرور
account-passkeys-intro = يُحفظ مفتاح المرور على هاتفك أو حاسوبك أو في مدير كلمات مرور أو على مفتاح أمان. لا يمكن لأحد قراءته أو تخمينه.
account-passkeys-start = إنشاء مفتاح مرور
account-passkeys-create = سيسألك متصفحك عن مكان حفظ مفتاح المرور.
account-passkey-unnamed = مفتاح مرور
account-passkey-verifies = يتحقق من بصمتك أو وجهك أو رمز PIN
account-passkey-touch = يتحقق من اللمس فقط
account-passkey-synced = متزامن بين أجهزتك
account-passkey-name = الاسم
account-passkey-name-hint = مثلًا الجهاز الذي يحفظ مفتاح المرور
account-passkey-rename-title = إعادة تسمية مفتاح مرور

# تطبيقات المصادقة
account-totp = تطبيقات المصادقة
account-totp-hint = يعرض تطبيق على هاتفك رمزًا جديدًا كل 30 ثانية.
account-totp-add = إضافة تطبيق مصادقة
account-totp-name = تطبيق المصادقة { $count }
account-totp-intro = ثبّت أولًا تطبيق مصادقة على هاتفك. ثم اربط التطبيق بحسابك.
account-totp-start = عرض رمز QR
account-totp-scan = امسح رمز QR هذا بالتطبيق.
account-totp-qr = رمز QR لتطبيق المصادقة
account-totp-open = فتح التطبيق على هذا الجهاز
account-totp-type = إذا تعذّر المسح، فاكتب هذا المفتاح في التطبيق:
account-totp-enter = أدخل الرمز الذي يعرضه التطبيق.
account-totp-lost-key = يُعرض رمز QR مرة واحدة فقط. إذا لم تمسحه، فابدأ من جديد.
account-totp-restart = البدء من جديد

# أرقام الهاتف وعناوين البريد والمتصفحات
account-phones = أرقام الهاتف
account-phones-hint = تتلقى رسالة نصية.
account-phones-add = إضافة رقم هاتف
account-phone-label = رقم الهاتف
account-phone-hint = مع رمز البلد، مثل { "\u2066" }+966 11 000 0000{ "\u2069" }
account-emails = عناوين البريد الإلكتروني
account-emails-hint = للرسائل المتعلقة بحسابك. عنوان البريد الإلكتروني ليس عاملًا ثانيًا.
account-emails-add = إضافة عنوان بريد إلكتروني
account-email-label = عنوان البريد الإلكتروني
account-browsers = المتصفحات
account-browsers-hint = يعرض المتصفح إشعارًا، وفيه توافق أو ترفض.
account-browsers-add = إضافة هذا المتصفح
account-browsers-start = تفعيل الإشعارات
account-browsers-unavailable = لا يرسل هذا الموقع إشعارات إلى المتصفحات.
account-address-unknown = عنوان غير مقروء
account-address-disabled = معطّل
account-send-code = إرسال رمز
account-code-title = أدخل الرمز
account-code-label = الرمز
account-code-sent = نرسل رمزًا إلى:
account-code-sent-again = نرسل رمزًا آخر. لم تعد الرموز السابقة صالحة.
account-resend = إرسال رمز آخر

# رموز الاسترداد
account-recovery-codes = رموز الاسترداد
account-recovery-codes-hint = يتيح لك رمز الاسترداد الدخول عندما تفقد عواملك الأخرى. يُستخدم كل رمز مرة واحدة.
account-recovery-codes-missing = ليس لديك رموز استرداد. بدونها لا يمكنك الدخول إذا فقدت عواملك الأخرى.
account-recovery-codes-left =
    { $count ->
        [0] ليس لديك رموز استرداد.
        [one] لديك رمز استرداد واحد غير مستخدم.
        [two] لديك رمزا استرداد غير مستخدمين.
        [few] لديك { $count } رموز استرداد غير مستخدمة.
        [many] لديك { $count } رمز استرداد غير مستخدم.
       *[other] لديك { $count } رمز استرداد غير مستخدم.
    }
account-recovery-codes-void =
    { $count ->
        [one] لم يعد أحد رموز الاسترداد صالحًا. أنشئ رموزًا جديدة.
        [two] لم يعد اثنان من رموز الاسترداد صالحين. أنشئ رموزًا جديدة.
       *[other] لم تعد { $count } من رموز الاسترداد صالحة. أنشئ رموزًا جديدة.
    }
account-recovery-codes-generate = إنشاء رموز استرداد
account-recovery-codes-replaced = ستصبح رموزك السابقة غير صالحة.
account-recovery-codes-no-factor = أضف أولًا مفتاح مرور أو تطبيق مصادقة أو رقم هاتف.
account-recovery-codes-new = رموز الاسترداد الخاصة بك
account-recovery-codes-once = احفظ هذه الرموز في مكان آمن الآن. تُعرض مرة واحدة فقط.
account-recovery-codes-kept = لقد حفظت الرموز

# الأجهزة الموثوق بها
account-devices = الأجهزة الموثوق بها
account-devices-hint = على هذه الأجهزة تسجّل الدخول بكلمة المرور فقط.
account-device-revoke = إلغاء الثقة
account-devices-revoke-all = إلغاء الثقة بجميع الأجهزة

# النشاط
account-activity-link = النشاط الأخير
account-activity-title = النشاط الأخير
account-activity-hint = طلبات للتأكد من هويتك. إذا كان بينها طلب لم تبدأه، فغيّر كلمة المرور.
account-activity-none = لا توجد طلبات حديثة
account-activity-wrong =
    { $count ->
        [one] إجابة خاطئة واحدة
        [two] إجابتان خاطئتان
        [few] { $count } إجابات خاطئة
       *[other] { $count } إجابة خاطئة
    }
account-state-pending = لم يُرسل بعد
account-state-issued = بانتظار إجابة
account-state-challenge-failed = تعذّر التسليم
account-state-challenge-passed = تمت الموافقة
account-state-challenge-declined = مرفوض
account-state-timed-out = منتهي الصلاحية

# أسئلة قبل الإزالة
account-removal-title = هل أنت متأكد؟
account-removal-totp = هل تريد إزالة تطبيق المصادقة هذا؟ لن تُقبل رموزه بعد ذلك.
account-removal-passkey = هل تريد إزالة مفتاح المرور هذا؟ لن يمكنك تسجيل الدخول به بعد ذلك.
account-removal-phone = هل تريد إزالة رقم الهاتف هذا؟
account-removal-email = هل تريد إزالة عنوان البريد الإلكتروني هذا؟
account-removal-browser = هل تريد إزالة هذا المتصفح؟ لن يعرض طلباتك بعد ذلك.
account-removal-device = هل تريد إلغاء الثقة بهذا الجهاز؟ سيحتاج إلى عامل ثانٍ عند تسجيل الدخول التالي.
account-removal-all-devices = هل تريد إلغاء الثقة بجميع الأجهزة؟ سيحتاج كل منها إلى عامل ثانٍ عند تسجيل الدخول التالي.

# أسباب بجانب نموذج
account-error-wrong-code = لم يُقبل هذا الرمز. تحقق من ساعة جهازك، وأدخل أحدث رمز.
account-error-wrong-message-code = لم يُقبل هذا الرمز. أدخل الرمز الوارد في أحدث رسالة.
account-error-delayed = رموز خاطئة كثيرة. يمكنك المحاولة مجددًا بعد:
account-error-disabled = رموز خاطئة كثيرة. اطلب من دعم هذا الموقع السماح بالرموز مجددًا.
account-error-setup-over = استغرق هذا الإعداد وقتًا طويلًا أو اكتمل من قبل. ابدأ من جديد.
account-error-no-code-expected = لم يعد هذا العنوان يقبل أي رمز. تجاهله، ثم أضفه من جديد.
account-error-too-many-messages = سبق أن أرسلنا إليك عدة رسائل. يمكنك طلب رسالة أخرى بعد:
account-error-full =
    { $count ->
        [0] لا يمكن إضافة أي عنصر.
        [one] يمكن إضافة عنصر واحد فقط. أزله أولًا.
        [two] يمكن إضافة عنصرين على الأكثر. أزل أحدهما أولًا.
        [few] يمكن إضافة { $count } عناصر على الأكثر. أزل واحدًا منها أولًا.
       *[other] يمكن إضافة { $count } عنصرًا على الأكثر. أزل واحدًا منها أولًا.
    }
account-error-phone-number = هذا ليس رقم هاتف مع رمز البلد. ابدأ بعلامة + ورمز بلدك.
account-error-email-address = هذا ليس عنوان بريد إلكتروني. يكون العنوان بالشكل name@example.org.
account-error-push-subscription = تعذّرت إضافة متصفحك. اسمح بإشعارات هذا الموقع، ثم حاول مجددًا.
account-error-passkey-name = أدخل اسمًا لا يزيد على 60 حرفًا.
account-error-passkey-refused = لم يُقبل مفتاح المرور. حاول مجددًا أو استخدم جهازًا آخر.
account-error-passkey-taken = سبق أن أُضيف مفتاح المرور هذا. استخدم جهازًا آخر أو مفتاح أمان آخر.
account-error-passkeys-unavailable = لا يوفر هذا الموقع مفاتيح مرور.
account-error-last-factor = هذا عاملك الثاني الوحيد. أضف عاملًا آخر قبل إزالته.
account-error-same-factor = أكّد أولًا بعامل من نوع آخر، مثل رمز استرداد.
account-error-no-factor-yet = رموز الاسترداد بديل عن عامل آخر. أضف أولًا مفتاح مرور أو تطبيق مصادقة أو رقم هاتف.
account-error-number-missing = أدخل الرقم المعروض حيث بدأت الطلب.
account-error-answer-refused = لم تُقبل إجابتك. قد يكون الرقم خاطئًا، أو توجد رسالة أحدث برابط آخر.
