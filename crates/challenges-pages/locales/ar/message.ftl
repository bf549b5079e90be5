# الرسائل النصية ورسائل البريد والإشعارات.

# الرسائل النصية (70 حرفًا لكل جزء). الرابط في سطر وحده.
message-sms-link =
    هل هذا أنت؟ افتح للتأكيد. المهلة بالدقائق: { $minutes }
    { $link }
    إن لم تكن أنت، فتجاهل هذه الرسالة.
message-sms-code =
    الرمز { $code } للتأكيد في { $origin } والمهلة بالدقائق: { $minutes }. أو افتح:
    { $link }
    إن لم تكن أنت، فتجاهل هذه الرسالة.
message-sms-confirmation = الرمز { $code } لتأكيد رقم الهاتف هذا. المهلة بالدقائق: { $minutes }. لا تعطه لأحد.

# البريد الإلكتروني
message-email-subject = هل هذا أنت في { $origin }؟
message-email-link =
    يطلب { $origin } تأكيدًا منك. المهلة بالدقائق: { $minutes }. افتح هذه الصفحة:

    { $link }

    إن لم تكن أنت، فتجاهل هذه الرسالة.
message-email-code =
    يطلب { $origin } تأكيدًا منك. رمزك هو { $code } والمهلة بالدقائق: { $minutes }. أدخله في الصفحة التي طلبته، أو افتح هذه الصفحة:

    { $link }

    إن لم تكن أنت، فتجاهل هذه الرسالة.
message-email-confirmation-subject = رمزك لتأكيد هذا العنوان
message-email-confirmation =
    الرمز { $code } لتأكيد عنوان البريد الإلكتروني هذا. المهلة بالدقائق: { $minutes }. لا تعطه لأحد.

    إن لم تكن أنت، فتجاهل هذه الرسالة.

# الإشعارات
message-push-title = هل هذا أنت؟
message-push-body = يطلب { $origin } تأكيدًا منك. افتح هذا الإشعار. المهلة بالدقائق: { $minutes }

# إشعارات التغييرات
message-notice-title = تغيّر حسابك
message-notice = { $change } إن لم تكن أنت، فتحقق من حسابك الآن.
message-notice-time = الوقت: { $time }

# التغييرات
message-added = أُضيف إلى حسابك: { $what }.
message-removed = أُزيل من حسابك: { $what }.
message-enabled = فُعِّل في حسابك: { $what }.
message-disabled = أُوقف في حسابك: { $what }.
message-imported = نُقل إلى حسابك من نظام سابق: { $what }.
message-locked = إجابات خاطئة كثيرة في حسابك: { $what }.
message-recovery-codes-generated = أُنشئت رموز استرداد جديدة لحسابك. لم تعد الرموز السابقة صالحة.
message-recovery-codes-deleted = حُذفت رموز الاسترداد في حسابك.
message-recovery-code-used = استُخدم أحد رموز الاسترداد في حسابك. المتبقي: { $count }.
message-recovery-code-used-few = استُخدم أحد رموز الاسترداد في حسابك. المتبقي: { $count }. أنشئ رموزًا جديدة.
message-device-trusted = أصبح أحد المتصفحات يسجّل الدخول إلى حسابك دون عامل ثانٍ.
message-device-stolen = نُسخت بيانات دخول أحد المتصفحات. يحتاج المتصفح إلى العامل الثاني مجددًا.
message-reset = رفع الدعم الحظر عن حسابك.
message-changed = تغيّرت طرق تسجيل الدخول إلى حسابك.

# ما أُضيف أو أُزيل أو فُعِّل أو أُوقف
message-what-totp = تطبيق مصادقة
message-what-passkey = مفتاح مرور
message-what-phone = رقم هاتف
message-what-browser = إشعارات إلى متصفح
message-what-email = عنوان بريد إلكتروني
message-what-other = طريقة لتسجيل الدخول

# ما كانت إجاباته الخاطئة كثيرة
message-wrong-totp = رموز من تطبيق مصادقة
message-wrong-recovery-code = رموز استرداد
message-wrong-sms = رموز من رسائل نصية
message-wrong-email = رموز من رسائل بريد
message-wrong-confirmation = رموز لتأكيد عنوان جديد
message-wrong-code = رموز
