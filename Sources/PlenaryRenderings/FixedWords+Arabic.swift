extension FixedWords {
  /// The words in Arabic: a key and what is said, a line each.
  static let arabic = """
    document.contents المحتويات
    document.skip انتقل إلى النص
    document.report تقرير النتائج
    document.about عن هذه الوثيقة
    document.classification التوزيع
    document.version إصدار القواعد
    document.replaced يحل محل المحتوى ذي البصمة
    annex المرفق
    part.A الولاية والخلفية
    part.B الحوارات
    part.C النتائج والاستنتاجات حسب الموضوع
    part.D التوصيات
    part.E المشاورات
    annex.1 الشركاء
    annex.2 المصادر
    annex.3 الثغرات وما حُجب
    annex.4 السجلات التي يستند إليها التقرير
    part.PART_A الجزء ألف
    part.PART_B الجزء باء
    part.PART_C الجزء جيم
    part.PART_D الجزء دال
    part.PART_E الجزء هاء
    part.ANNEXES المرفقات
    label.series السلسلة
    label.launched الانطلاق
    label.focus المنطقة
    label.owner الجهة المسؤولة
    label.aims الأهداف
    label.initiative المبادرة
    label.adoptedBy اعتمده
    label.adopted تاريخ الاعتماد
    label.address متاح على
    label.paragraph الفقرة
    label.verb فعل المنطوق
    label.advisee الجهة التي تُسدى إليها المشورة
    label.groups يُستشار
    label.date التاريخ
    label.place المكان
    label.venue المقر
    label.format الشكل
    label.participants عدد المشاركين
    label.panel حلقة نقاش
    label.moderator إدارة النقاش
    label.panellists المتحاورون
    label.interventions المداخلات
    label.group الفريق العامل
    label.chair الرئاسة
    label.rapporteur المقرر
    label.members الأعضاء
    label.contributor ساهم به
    label.recommendation التوصية
    label.state الحالة
    label.addressee موجهة إلى
    label.directive بموجب
    label.priority الأولوية
    label.due الموعد
    label.response الرد
    label.grounds تستند إلى
    label.followUps المتابعة
    label.successor حلت محلها
    label.stakeholders فئة أصحاب المصلحة
    label.elsewhere خارج هذه الحوارات
    label.organization المنظمة
    label.role الدور
    label.subject في
    label.period الفترة
    label.contribution المساهمة
    label.record السجل
    label.digest SHA-256
    label.contentDigest بصمة المحتوى
    label.revision مراجعة السجل
    label.treeHead رأس شجرة المراجعة
    label.missing ما ينقص
    label.withheld المحجوب
    text.chathamHouse عُقد بموجب قاعدة تشاتام هاوس: لا يُذكر اسم أي مشارك.
    text.fewerThan أقل من %
    text.redacted حُذف الاسم في %
    text.redactedUndated حُذف الاسم
    text.machine ترجمة آلية
    text.more و% أخرى
    text.nothingFound لم يُسجل شيء بشأن هذا الموضوع.
    text.noPanels لم تُسجل أي حلقات نقاش.
    text.noSummary لم يُسجل أي ملخص.
    text.noResults لم تُسجل أي نتائج.
    text.none لا يوجد.
    text.notConsulted لم يُستشر
    text.otherThemes بلا موضوع
    text.waived معفى منه: %
    text.since منذ %
    text.until حتى %
    figure.timeline الحوارات عبر الزمن
    figure.timeline.about الحوارات من أولها إلى آخرها. ترد التواريخ والأماكن في النص أدناه.
    figure.partners الشركاء حسب الدور
    figure.partners.about تصل الخطوط المنظمات بأدوارها. ويبين الجدول أدناه الأمر ذاته.
    format.WORKSHOP حلقة عمل
    format.CONFERENCE مؤتمر
    format.PANEL حلقة نقاش
    format.OPEN_BRIEFING إحاطة مفتوحة
    modality.IN_PERSON حضوري
    modality.ONLINE عبر الإنترنت
    modality.HYBRID مختلط
    role.LAUNCHER المُطلِق
    role.ORGANIZER المنظِّم
    role.CO_ORGANIZER المنظِّم المشارك
    role.HOST المضيف
    role.COOPERATING بالتعاون مع
    role.SUPPORTER بدعم من
    role.ADDITIONAL_SUPPORTER بدعم إضافي من
    role.FUNDER الممول
    role.KNOWLEDGE_PARTNER شريك المعرفة
    finding.EXPERIENCE التجارب
    finding.CHALLENGE التحديات
    finding.GOOD_PRACTICE الممارسات الجيدة
    finding.CONCLUSION الاستنتاجات
    advice.DRAFT مسودة
    advice.SUBMITTED مقدمة
    advice.ACCEPTED مقبولة
    advice.PARTIALLY_ACCEPTED مقبولة جزئيا
    advice.REJECTED مرفوضة
    advice.IMPLEMENTING قيد التنفيذ
    advice.IMPLEMENTED منفذة
    advice.WITHDRAWN مسحوبة
    advice.SUPERSEDED مستعاض عنها
    priority.LOW منخفضة
    priority.MEDIUM متوسطة
    priority.HIGH عالية
    stakeholders.MEMBER_STATES الدول الأعضاء
    stakeholders.INTERNATIONAL_ORGANIZATIONS المنظمات الدولية
    stakeholders.REGIONAL_ORGANIZATIONS المنظمات الإقليمية
    stakeholders.SUBREGIONAL_ORGANIZATIONS المنظمات دون الإقليمية
    stakeholders.PRIVATE_SECTOR القطاع الخاص
    stakeholders.CIVIL_SOCIETY المجتمع المدني
    verb.NOTES يلاحظ
    verb.CALLS_UPON يهيب
    verb.ENCOURAGES يشجع
    verb.REQUESTS يطلب
    verb.DIRECTS يوعز
    verb.DECIDES يقرر
    intervention.ADDRESS كلمة
    intervention.STATEMENT بيان
    intervention.PRESENTATION عرض
    gap.GROUP_WITHOUT_RESULTS فريق عامل بلا نتائج
    gap.PANEL_WITHOUT_SUMMARY حلقة نقاش بلا ملخص
    gap.DIALOGUE_WITHOUT_PANELS لم تُسجل حلقات نقاش
    gap.THEME_WITHOUT_FINDINGS موضوع بلا استنتاجات
    gap.DIALOGUE_NOT_CONCLUDED حوار لم يُختتم
    report.DRAFT مسودة
    report.COMPILED مُجمَّع ولم يُستعرض بعد
    report.IN_REVIEW قيد الاستعراض
    report.APPROVED معتمد
    report.PUBLISHED منشور
    report.SUPERSEDED حل محله تقرير آخر
    report.DELETED محذوف
    """
}
