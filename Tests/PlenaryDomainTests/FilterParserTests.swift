import PlenaryDomain
import Testing

@Suite struct FilterParserTests {
  private func parsed(_ text: String) throws -> [String] {
    try FilterParser.parse(text).map {
      "\($0.path.joined(separator: "|")) \($0.comparator.rawValue) \($0.argument.isQuoted ? "'" : "")\($0.argument.text)"
    }
  }

  @Test(arguments: [
    ("", []), ("   ", []), ("format=WORKSHOP", ["format = WORKSHOP"]), ("a >= 3", ["a >= 3"]), ("a<=b", ["a <= b"]),
    ("a!=b", ["a != b"]), ("a : *", ["a : *"]), ("a=\"b c\"", ["a = 'b c"]), ("a='b'", ["a = 'b"]),
    (#"a="b\"c""#, [#"a = 'b"c"#]), ("location.region_code=KR", ["location|region_code = KR"]),
    ("title.values.\"zh-Hant\":*", ["title|values|zh-Hant : *"]),
    ("title.values.`zh-Hant`:*", ["title|values|zh-Hant : *"]), ("a.`b.``c`=1", ["a|b.`c = 1"]), ("a=1.5", ["a = 1.5"]),
    ("a=1 AND b=2", ["a = 1", "b = 2"]), ("a=1 b=2", ["a = 1", "b = 2"]),
    (
      "start_date >= \"2017-05-01\" AND start_date <= 2017-05-31",
      ["start_date >= '2017-05-01", "start_date <= 2017-05-31"]
    ),
    (
      "series=\"series/asia\" AND participants.role:CO_ORGANIZER",
      ["series = 'series/asia", "participants|role : CO_ORGANIZER"]
    ),
  ])
  func `a filter is comparisons joined by AND`(_ text: String, _ expected: [String]) throws {
    #expect(try parsed(text) == expected)
  }

  @Test(arguments: [
    ("a", 1), ("a=", 2), ("=1", 0), ("a=1 AND", 7), ("a=1 OR b=2", 4), ("NOT a=1", 0), ("-a=1", 0), ("(a=1)", 0),
    ("a=\"b", 2), ("a.=1", 2), ("f(1)", 1), ("a==1", 2), ("a=1 AND AND b=2", 8), ("a ! b", 2), ("a,b=1", 1),
    ("a.`b=1", 2), ("a=`b`", 2),
  ])
  func `an error says where it is`(_ text: String, _ position: Int) {
    let error = #expect(throws: DomainError.self) { try FilterParser.parse(text) }
    #expect(error?.reason == .filterSyntax)
    #expect(error?.metadata["position"] == "\(position)")
  }

  @Test func `a filter has limits`() throws {
    let most = Array(repeating: "a=1", count: FilterParser.restrictionCountMax).joined(separator: " AND ")
    #expect(try FilterParser.parse(most).count == FilterParser.restrictionCountMax)
    #expect(throws: DomainError.self) { try FilterParser.parse(most + " AND a=1") }
    let longest = "a=" + String(repeating: "b", count: FilterParser.byteCountMax - 2)
    #expect(try FilterParser.parse(longest).count == 1)
    #expect(throws: DomainError.self) { try FilterParser.parse(longest + "b") }
  }

  @Test func `the length of a filter is that of its encoding, whatever a reader sees of it`() throws {
    let marks = "\u{301}"
    let room = (FilterParser.byteCountMax - "a=e".utf8.count) / marks.utf8.count
    let longest = "a=e" + String(repeating: marks, count: room)
    #expect(longest.count == 3)
    #expect(try FilterParser.parse(longest).count == 1)
    let error = #expect(throws: DomainError.self) { try FilterParser.parse(longest + marks) }
    #expect(error?.reason == .filterSyntax && error?.metadata["max"] == "4096")
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
