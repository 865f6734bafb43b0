import PlenaryDomain
import PlenaryTestKit
import Testing

@Suite struct FilterParserTests {
  @Test(arguments: [
    ("", ""), ("   ", ""), ("format=WORKSHOP", "format = WORKSHOP"), ("a >= 3", "a >= 3"), ("a<=b", "a <= b"),
    ("a!=b", "a != b"), ("a : *", "a:*"), ("a=\"b c\"", "a = \"b c\""), ("a='b'", "a = \"b\""),
    (#"a="b\"c""#, #"a = "b\"c""#), ("location.region_code=KR", "location.region_code = KR"),
    ("title.values.\"zh-Hant\":*", "title.values.zh-Hant:*"), ("title.values.`zh-Hant`:*", "title.values.zh-Hant:*"),
    ("a.`b.``c`=1", "a.`b.``c` = 1"), ("a=1.5", "a = \"1.5\""), ("a=-5", "a = \"-5\""),
    ("start_date <= 2017-05-31", "start_date <= 2017-05-31"),
    ("participants.role:CO_ORGANIZER", "participants.role:CO_ORGANIZER"),
  ])
  func `a comparison has a field, a comparator and a value`(_ text: String, _ expected: String) throws {
    #expect(try FilterParser.parse(text).description == expected)
  }

  @Test(arguments: [
    ("a=1 AND b=2", "a = 1 AND b = 2"), ("a=1 b=2", "a = 1 AND b = 2"), ("a=1 OR b=2", "a = 1 OR b = 2"),
    ("a=1 AND b=2 OR c=3", "a = 1 AND (b = 2 OR c = 3)"), ("a=1 OR b=2 AND c=3", "(a = 1 OR b = 2) AND c = 3"),
    ("a=1 b=2 OR c=3 d=4", "a = 1 AND (b = 2 OR c = 3) AND d = 4"),
    ("(a=1 AND b=2) OR c=3", "(a = 1 AND b = 2) OR c = 3"), ("((a=1))", "a = 1"),
    ("NOT a=1", "NOT a = 1"), ("-a=1", "NOT a = 1"), ("NOT (a=1 OR b=2)", "NOT (a = 1 OR b = 2)"),
    ("-(a=1 b=2)", "NOT (a = 1 AND b = 2)"), ("NOT(a=1)", "NOT a = 1"), ("a=1 -b=2", "a = 1 AND NOT b = 2"),
    ("a=1 OR NOT b=2", "a = 1 OR NOT b = 2"), ("(a=1)(b=2)", "a = 1 AND b = 2"),
  ])
  func `what joins comparisons binds as the grammar says`(_ text: String, _ expected: String) throws {
    let parsed = try FilterParser.parse(text)
    #expect(parsed.description == expected)
    #expect(try FilterParser.parse(expected).description == expected)
  }

  @Test(arguments: [
    ("word", "word"), ("New York", "New AND York"), ("\"New York\"", "\"New York\""), ("-word", "NOT word"),
    ("a.b", "\"a.b\""), ("-\"x y\"", "NOT \"x y\""), ("f(1)", "f(1)"), ("f()", "f()"),
    ("a.f(x, \"y z\")", "a.f(x, \"y z\")"),
    ("under(themes/x)", "under(themes/x)"), ("f (a=1)", "f AND a = 1"),
    ("overlaps(2018-01-25,2018-02)", "overlaps(2018-01-25, 2018-02)"),
    ("a:(b OR c)", "a:b OR a:c"), ("a=(b c)", "a = b AND a = c"), ("a:(b OR NOT c)", "a:b OR NOT a:c"),
    ("a.AND=1", "a.`AND` = 1"),
  ])
  func `words, functions and groups of values are understood`(_ text: String, _ expected: String) throws {
    #expect(try FilterParser.parse(text).description == expected)
  }

  @Test(arguments: [
    ("a=b*", "a = b*"), ("a=\"b*\"", "a = \"b*\""), (#"a="b\*""#, #"a = "b\*""#), ("a=\"*b*c\"", "a = \"*b*c\""),
    ("a=*.b", "a = *.b"),
  ])
  func `a star stands for anything unless it is escaped`(_ text: String, _ expected: String) throws {
    guard case .restriction(let restriction) = try FilterParser.parse(text) else {
      Issue.record("\(text) is no comparison")
      return
    }
    #expect(restriction.argument.isPattern == !text.contains("\\"))
    #expect(restriction.description == expected)
  }

  @Test(arguments: [
    ("a=", 2), ("=1", 0), ("a=1 AND", 7), ("a=1 OR", 6), ("OR a=1", 0), ("AND", 0), ("NOT", 3), ("NOT NOT a=1", 4),
    ("a=\"b", 2), ("a.=1", 2), ("a==1", 2), ("a=1 AND AND b=2", 8), ("a ! b", 2), ("a,b=1", 1), ("- a=1", 0), ("-", 0),
    ("a.`b=1", 2), ("a=`b`", 2), ("`a`", 3), ("(a=1", 0), ("a=1)", 3), ("()", 1), ("a=(b=1)", 3), ("a=(f(x))", 3),
    ("f(1", 3), ("f(1,)", 4), ("f(1 2)", 4), ("f(,1)", 2), ("f(1)=2", 4), ("a=f(1)", 2), ("f((1))", 2),
    ("a=1 OR OR b", 7),
    ("a:b:c", 3), ("a=\"\u{301}x\" b=", 9),
  ])
  func `an error says where it is`(_ text: String, _ position: Int) {
    let error = #expect(throws: DomainError.self) { try FilterParser.parse(text) }
    #expect(error?.reason == .filterSyntax)
    #expect(error?.metadata["position"] == "\(position)", "\(text): \(error?.message ?? "")")
  }

  @Test func `a filter has a longest length`() throws {
    let longest = "a=" + String(repeating: "b", count: FilterParser.byteCountMax - 2)
    #expect(throws: Never.self) { try FilterParser.parse(longest) }
    let error = #expect(throws: DomainError.self) { try FilterParser.parse(longest + "b") }
    #expect(error?.metadata["max"] == "\(FilterParser.byteCountMax)")
  }

  @Test(arguments: [" AND a=1", " a=1", " OR a=1", " a", " f(1)"])
  func `a filter has a most number of comparisons`(_ more: String) throws {
    let most = "a=1" + String(repeating: more, count: FilterParser.termCountMax - 1)
    #expect(throws: Never.self) { try FilterParser.parse(most) }
    let error = #expect(throws: DomainError.self) { try FilterParser.parse(most + more) }
    #expect(error?.reason == .filterSyntax && error?.metadata["max"] == "\(FilterParser.termCountMax)")
  }

  @Test(arguments: ["", "NOT ", "-"])
  func `parentheses have a deepest nesting`(_ sign: String) throws {
    func nested(_ count: Int) -> String {
      String(repeating: "\(sign)(", count: count) + "a=1" + String(repeating: ")", count: count)
    }
    #expect(throws: Never.self) { try FilterParser.parse(nested(FilterParser.depthMax)) }
    let error = #expect(throws: DomainError.self) { try FilterParser.parse(nested(FilterParser.depthMax + 1)) }
    #expect(error?.reason == .filterSyntax && error?.metadata["max"] == "\(FilterParser.depthMax)")
  }

  @Test func `a function has a most number of arguments`() throws {
    let most = Array(repeating: "1", count: FilterParser.argumentCountMax).joined(separator: ",")
    #expect(throws: Never.self) { try FilterParser.parse("f(\(most))") }
    let error = #expect(throws: DomainError.self) { try FilterParser.parse("f(\(most),1)") }
    #expect(error?.metadata["max"] == "\(FilterParser.argumentCountMax)")
  }

  @Test func `the length of a filter is that of its encoding, whatever a reader sees of it`() throws {
    let marks = "\u{301}"
    let room = (FilterParser.byteCountMax - "a=e".utf8.count) / marks.utf8.count
    let longest = "a=e" + String(repeating: marks, count: room)
    #expect(longest.count == 3)
    #expect(throws: Never.self) { try FilterParser.parse(longest) }
    let error = #expect(throws: DomainError.self) { try FilterParser.parse(longest + marks) }
    #expect(error?.reason == .filterSyntax && error?.metadata["max"] == "4096")
  }

  @Test(arguments: 0..<4 as Range<UInt64>)
  func `any bytes are a filter or an error with a place in it`(_ seed: UInt64) {
    var generator = SeededNumbers(seed: seed)
    let words = [
      "a", "b.c", "AND", "OR", "NOT", "-", "(", ")", ",", "=", "!=", "<", ">=", ":", "*", "\"", "'", "`", "\\", ".",
      " ", "\n",
      "under", "1", "2018-01", "é", "\u{301}", "\u{0}", "日本", "!",
    ]
    for _ in 0..<3000 {
      let text =
        if Bool.random(using: &generator) {
          (0..<Int.random(in: 0..<24, using: &generator)).map { _ in words.randomElement(using: &generator) ?? "" }
            .joined()
        } else {
          String(
            decoding: (0..<Int.random(in: 0..<48, using: &generator)).map { _ in
              UInt8.random(in: .min ... .max, using: &generator)
            },
            as: UTF8.self)
        }
      do throws(DomainError) {
        let parsed = try FilterParser.parse(text)
        // What was understood can be written so that it is understood again.
        let again = try FilterParser.parse(parsed.description)
        #expect(again.description == parsed.description, "\(text)")
      } catch {
        let position = error.metadata["position"].flatMap { Int($0) }
        #expect(position.map { (0...text.unicodeScalars.count).contains($0) } == true, "\(text): \(error.message)")
      }
    }
  }
}

@Suite struct OrderClauseTests {
  @Test func `an order is fields, each perhaps descending`() throws {
    let clauses = try OrderClause.parse(" start_date desc, location.locality ,ordinal asc")
    #expect(clauses.map(\.path) == ["start_date", "location.locality", "ordinal"])
    #expect(clauses.map(\.isDescending) == [true, false, false])
    #expect(try OrderClause.parse(" ").isEmpty)
  }

  @Test func `an order has a longest length`() throws {
    let longest = String(repeating: "a", count: OrderClause.byteCountMax)
    #expect(try OrderClause.parse(longest).count == 1)
    let error = #expect(throws: DomainError.self) { try OrderClause.parse(longest + "a") }
    #expect(error?.reason == .textTooLong && error?.violations.first?.field == "order_by")
  }

  @Test(arguments: [",", "a,,b", "a down", "a desc desc", "a,a", "a b c", "a,b,c,d,e,f,g,h,i"])
  func `anything else is refused`(_ text: String) {
    let error = #expect(throws: DomainError.self) { try OrderClause.parse(text) }
    #expect(error?.reason == .filterSyntax)
    #expect(error?.violations.first?.field == "order_by")
  }
}
