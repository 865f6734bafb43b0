import Testing

@testable import plenary

struct DisplayWidthTests {
  @Test(arguments: [
    ("", 0), ("Jeju", 4), ("제주도", 6), ("東京", 4), ("กรุงเทพ", 6), ("é", 1), ("e\u{301}", 1), ("👩‍👩‍👧", 2), ("🇰🇷", 2),
    ("ＡＢ", 4), ("مكافحة", 6), ("\u{1112}\u{1161}\u{11AB}", 2), ("…", 1), ("☎\u{FE0F}", 2), ("a\u{200B}b", 2),
  ])
  func `counts the cells of a text`(_ text: String, _ cells: Int) {
    #expect(DisplayWidth.of(text) == cells)
  }
}
