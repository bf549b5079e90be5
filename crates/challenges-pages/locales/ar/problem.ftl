# أسباب فشل الطلب.
problem-title = لم ينجح ذلك
problem-no-such-page = لا توجد صفحة كهذه.
problem-method = لا يمكن استخدام هذا العنوان بهذه الطريقة.
problem-other-origin = جاء الطلب من موقع آخر، فرُفض.
problem-prefetch = افتح الصفحة نفسها للمتابعة.
problem-signed-out = سجّل الدخول أولًا.
problem-login-expired = انتهت صلاحية تسجيل الدخول هذا. سجّل الدخول مجددًا.
problem-sign-in = تسجيل الدخول
problem-malformed = النموذج غير مكتمل. ارجع وحاول مجددًا.
problem-too-large = النموذج كبير جدًا.
problem-step-up-needed = أكّد أولًا بعاملك الثاني.
problem-no-factor = تحتاج هنا إلى عامل ليس لديك بعد. أضفه أولًا.
problem-add-factor = إضافة عامل ثانٍ
problem-refused = لم تُقبل الإجابة.
problem-too-many-messages = أُرسلت رسائل كثيرة جدًا. حاول مجددًا لاحقًا.
problem-invalid = لا يمكن ذلك. تحقق من الإدخال وحاول مجددًا.
problem-unavailable = الخدمة غير متاحة. حاول مجددًا لاحقًا.
