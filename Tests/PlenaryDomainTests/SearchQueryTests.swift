import Testing

@testable import PlenaryDomain

/// How texts are taken apart into words, and queries are read.
@Suite struct SearchQueryTests {
  @Test(arguments: [
    ("ICT, in particular the Internet", ["ict", "in", "particular", "the", "internet"]),
    ("S/RES/2129 (2013)", ["s", "res", "2129", "2013"]),
    ("Coopération RÉGIONALE œuvre", ["cooperation", "regionale", "œuvre"]),
    ("Straße STRASSE", ["strasse", "strasse"]),
    ("ΣΊΣΥΦΟΣ Σίσυφος", ["σισυφοσ", "σισυφοσ"]),
    ("İstanbul ISTANBUL ﬁn", ["istanbul", "istanbul", "fin"]),
    ("ｆｕｌｌ ① ½", ["full", "1", "12"]),
    ("مُكَافَحَة الإرهاب", ["مكافحة", "الارهاب"]),
    ("ההסברה שָׁלוֹם", ["ההסברה", "שלום"]),
    ("反恐", ["反恐", "恐"]),
    ("สิทธิ", ["สิ", "ิท", "ทธ", "ธิ", "ิ"]),
    ("인터넷을", ["인터", "터넷", "넷을", "을"]),
    ("COVID大流行", ["covid", "大流", "流行", "行"]),
    ("co\u{00AD}operation", ["cooperation"]),
    ("don't — ", ["don", "t"]),
    ("😀 …", []),
  ])
  func `a text is taken apart into words as they count`(_ text: String, _ words: [String]) {
    #expect(SearchTokenizer.words(in: text).map(\.text) == words)
  }

  @Test func `words know where they stand`() {
    let text = "Über: 反恐怖, e\u{0301}t\u{0301}"
    let characters = Array(text.unicodeScalars)
    let shown = SearchTokenizer.words(in: text).map { word in
      String(String.UnicodeScalarView(characters[word.range]))
    }
    #expect(shown == ["Über", "反恐", "恐怖", "怖", "e\u{0301}t\u{0301}"])
  }

  @Test func `only the beginning of a very long word counts`() {
    let max = SearchTokenizer.wordLengthMax
    for length in [max, max + 1] {
      let words = SearchTokenizer.words(in: String(repeating: "x", count: length) + " y")
      #expect(words.map(\.text) == [String(repeating: "x", count: max), "y"])
      #expect(words[0].range == 0..<length)
    }
  }

  @Test(
    arguments: [
      "", " ", "a", "The  S/RES/2129 (2013), of the Council", "@[`{ @Az09", String(repeating: "y", count: 99),
    ] + (0..<128).map { "a\(Character(Unicode.Scalar(UInt8($0))))b" })
  func `a text of ASCII gives the words that it gives beside other characters`(_ text: String) {
    let words = Array(SearchTokenizer.words(in: text))
    #expect(words == SearchTokenizer.words(in: text + " 反").dropLast())
    #expect(SearchTokenizer.words(in: text).text == words.map(\.text).joined(separator: " "))
  }

  @Test func `words are found one after the other, from a place on`() {
    let words = SearchTokenizer.words(in: "the Internet, the internet and the Internets")
    #expect(words.firstIndex(of: SearchPhrase(["the", "internet"], isPrefix: false)) == 0)
    #expect(words.firstIndex(of: SearchPhrase(["the", "internet"], isPrefix: false), from: 1) == 2)
    #expect(words.firstIndex(of: SearchPhrase(["the", "internet"], isPrefix: false), from: 3) == nil)
    #expect(words.firstIndex(of: SearchPhrase(["the", "internet"], isPrefix: true), from: 3) == 5)
    #expect(words.firstIndex(of: SearchPhrase(["th", "internet"], isPrefix: true)) == nil)
    #expect(words.firstIndex(of: SearchPhrase(["the"], isPrefix: false), from: words.count) == nil)
  }

  @Test(arguments: [
    ("internet", "internet"),
    ("Internet governance", "internet AND governance"),
    ("a AND b OR c", "a AND (b OR c)"),
    ("a OR b c OR d", "(a OR b) AND (c OR d)"),
    ("\"Best practices\" gov*", "\"best practices\" AND gov*"),
    ("\"best prac*\" OR \"good prac\"*", "\"best prac*\" OR \"good prac*\""),
    ("S/RES/2129", "\"s res 2129\""),
    ("a -b NOT (c OR d)", "a AND NOT b AND NOT (c OR d)"),
    ("(a b) OR c", "(a AND b) OR c"),
    ("public – private", "public AND private"),
    ("反 反恐 恐怖主义", "反* AND 反恐 AND \"恐怖 怖主 主义\""),
    ("or not and", "or AND not AND and"),
  ])
  func `a query is understood`(_ text: String, _ meaning: String) throws {
    #expect(try SearchQuery(text).description == meaning)
  }

  @Test(arguments: [
    ("", 0), ("  ", 0), ("– !", 0), ("()", 1), ("a (b", 2), ("a) b", 1), ("a \"b", 2), ("OR a", 0), ("a OR", 2),
    ("a OR NOT b", 5), ("NOT a", 0), ("-a", 0), ("a AND", 5), ("AND a", 0), ("a NOT", 2), ("in*ternet", 2), ("*", 0),
    ("x a*", 2), ("a (NOT b)", 3),
  ])
  func `what is wrong with a query is told with its place`(_ text: String, _ position: Int) {
    let error = #expect(throws: SearchQuery.Malformed.self) { try SearchQuery(text) }
    #expect(error?.position == position, "\(error?.message ?? "")")
  }

  @Test func `a query keeps to its limits`() throws {
    func refusal(_ text: String) -> Int? {
      #expect(throws: SearchQuery.Malformed.self) { try SearchQuery(text) }?.max
    }
    let words = (0..<SearchQuery.termCountMax).map { "w\($0)" }.joined(separator: " ")
    #expect(try SearchQuery(words).terms.count == SearchQuery.termCountMax)
    #expect(refusal(words + " more") == SearchQuery.termCountMax)
    let long = String(repeating: "x", count: SearchQuery.byteCountMax)
    _ = try SearchQuery(long)
    #expect(refusal(long + "x") == SearchQuery.byteCountMax)
    func nested(_ depth: Int) -> String {
      String(repeating: "(", count: depth) + "a" + String(repeating: ")", count: depth)
    }
    _ = try SearchQuery(nested(SearchQuery.depthMax))
    #expect(refusal(nested(SearchQuery.depthMax + 1)) == SearchQuery.depthMax)
    _ = try SearchQuery("ab*")
    #expect(throws: SearchQuery.Malformed.self) { try SearchQuery("a*") }
  }

  private func searched(_ text: String, isTitle: Bool) -> SearchedText {
    SearchedText(field: 0, indexes: [], language: "en", bytes: Array(text.utf8)[...], isTitle: isTitle)
  }

  @Test(arguments: [
    ("internet", true), ("net", false), ("inter*", true), ("\"in particular the\"", true),
    ("\"the particular\"", false),
    ("ict -internet", false), ("ict -web", true), ("web OR ict", true), ("\"internet 反恐\"", false),
    ("internet 恐怖", true),
    ("恐", true), ("怖恐", false), ("\"particular the inter*\"", true),
  ])
  func `texts satisfy a query or not`(_ query: String, _ expected: Bool) throws {
    let texts = ["ICT, in particular the Internet", "反恐怖"].map { text in
      searched(text, isTitle: true)
    }
    let match = SearchMatch(query: try SearchQuery(query))
    #expect(match.holds(for: match.counts(in: texts)) == expected)
  }

  @Test func `a snippet shows what is found, and never more than it may`() throws {
    let filler = String(repeating: "lorem ipsum dolor sit amet ", count: 20)
    let read = SearchMatch.ReadText(searched(filler + "the Internet and its use. " + filler, isTitle: false))
    let match = SearchMatch(query: try SearchQuery("internet use"))
    for length in [40, 41, 80, 160, 1000, 2000] {
      let snippet = match.snippet(of: read, lengthMax: length)
      let characters = Array(snippet.text.unicodeScalars)
      #expect(characters.count <= length)
      let shown = snippet.ranges.map { String(String.UnicodeScalarView(characters[$0])) }
      #expect(shown == ["Internet", "use"], "\(length): \(snippet.text)")
      #expect((snippet.text.first == "…") == (length < 2000))
    }
    let whole = match.snippet(of: SearchMatch.ReadText(searched("Internet use", isTitle: true)), lengthMax: 12)
    #expect(whole.text == "Internet use" && whole.ranges == [0..<8, 9..<12])
  }
}
