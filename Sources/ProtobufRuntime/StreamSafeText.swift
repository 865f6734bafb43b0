extension String {
  /// The most combining marks in a row: the most that Unicode's Stream-Safe Text Format has (UAX #15, section 13).
  package static let combiningMarkCountMax = 30

  /// Whether nowhere in the text more combining marks follow each other than in any writing.
  ///
  /// To normalize a text, and to hash or compare it, its marks are put in order, run by run, at a cost that is the
  /// square of the longest run: a run of a million takes hours. A text from outside is looked at first.
  package var isStreamSafe: Bool {
    // The first combining mark is U+0300, which is encoded as CC 80; most texts have no such byte.
    guard utf8.contains(where: { $0 >= 0xCC }) else { return true }
    var run = 0
    for scalar in unicodeScalars {
      let isMark = scalar.value >= 0x300 && scalar.properties.canonicalCombiningClass != .notReordered
      run = isMark ? run + 1 : 0
      if run > Self.combiningMarkCountMax { return false }
    }
    return true
  }
}
