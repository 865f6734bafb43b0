internal import PlenaryClient

/// The words that generated records are made of.
enum GeneratedTexts {
  /// What dialogues are about, by language. Every topic has English, which the texts are written in.
  static let topics: [[String: String]] = [
    [
      "en": "Incitement online", "fr": "Incitation en ligne", "es": "Incitación en línea", "ar": "التحريض عبر الإنترنت",
      "ru": "Подстрекательство в сети", "zh": "网上煽动", "ko": "온라인 선동", "th": "การยุยงออนไลน์",
      "ms": "Hasutan dalam talian",
    ],
    [
      "en": "Recruitment through social media", "fr": "Recrutement par les médias sociaux",
      "es": "Reclutamiento por redes sociales", "ar": "التجنيد عبر وسائل التواصل", "ru": "Вербовка через соцсети",
      "zh": "社交媒体招募", "ko": "소셜 미디어를 통한 모집",
    ],
    [
      "en": "Gathering of digital evidence", "fr": "Collecte de preuves numériques",
      "es": "Obtención de pruebas digitales",
      "ar": "جمع الأدلة الرقمية", "ru": "Сбор цифровых доказательств", "zh": "收集数字证据", "th": "การรวบรวมหลักฐานดิจิทัล",
    ],
    [
      "en": "Financing and new payment methods", "fr": "Financement et nouveaux moyens de paiement",
      "ar": "التمويل ووسائل الدفع الجديدة", "ru": "Финансирование и новые платежи", "zh": "资助与新支付方式",
    ],
    [
      "en": "Protection of critical infrastructure", "fr": "Protection des infrastructures critiques", "ko": "기반 시설 보호",
    ],
    [
      "en": "Partnerships with private companies", "es": "Asociaciones con empresas privadas",
      "ms": "Perkongsian dengan syarikat",
    ],
    [
      "en": "Human rights and freedom of expression", "fr": "Droits humains et liberté d'expression",
      "ar": "حقوق الإنسان",
    ],
    ["en": "Counter-narratives", "fr": "Contre-discours", "ru": "Контрнарративы", "zh": "反叙事"],
  ]

  /// Where dialogues take place: a town, its country, the region around it.
  static let places: [(locality: String, region: String, area: String)] = [
    ("Jeju", "KR", "030"), ("Bangkok", "TH", "035"), ("Kuala Lumpur", "MY", "035"), ("Tashkent", "UZ", "143"),
    ("Dakar", "SN", "011"), ("Nairobi", "KE", "014"), ("Genève", "CH", "155"), ("Bogotá", "CO", "005"),
    ("عمّان", "JO", "145"), ("Алматы", "KZ", "143"), ("北京", "CN", "030"), ("Montréal", "CA", "021"),
  ]

  static let familyNames = [
    "Abdi", "Chen", "Diallo", "García", "Ivanova", "Kim", "Müller", "Nguyễn", "Okafor", "Rahman", "Sato", "Silva",
    "Škoda",
  ]

  static let givenNames = ["Aisha", "Boris", "Chloé", "Daniel", "Eun-ji", "Farid", "Grace", "Hugo", "Inés", "Jun"]

  static let languages = ["en", "fr", "es", "ar", "ru", "zh", "ko", "th"]

  /// A text about a topic in some of its languages, its subject before and a number behind the words.
  static func text(_ topic: Int, number: Int, translated: Int) -> LocalizedText {
    var text = LocalizedText()
    let all = topics[topic % topics.count]
    for language in languages.prefix(1 + translated) {
      if let words = all[language] { text.values[language] = "\(words) \(number)" }
    }
    text.originalLanguage = "en"
    if text.values["fr"] != nil { text.origins = ["en": .official, "fr": translated > 4 ? .official : .machine] }
    return text
  }
}
