/// Takes texts apart into the words by which they are found, those of records and those of questions alike.
///
/// A word is a run of letters, digits and their marks, as it counts (`SearchFolding`). Scripts that put no spaces between
/// words, and Korean, whose words have endings, give a word for each two characters that follow each other, and one for
/// the last: so every part of such a text is found, by the words that it gives itself.
enum SearchTokenizer {
  /// The most characters of a word that count.
  static let wordLengthMax = 64

  /// The words of a text, in order.
  static func words(in text: String) -> SearchWords {
    let utf8 = text.utf8
    let bytes = utf8.span
    if bytes.indices.allSatisfy({ bytes[$0] < 0x80 }) { return SearchWords(ascii: bytes, lengthMax: wordLengthMax) }
    var reader = Reader()
    for scalar in text.unicodeScalars { reader.read(scalar) }
    return reader.end()
  }

  /// The words of a question as they follow each other in what is looked for, and whether the last one may go on.
  ///
  /// - Parameter isPrefix: Whether it says so itself.
  static func phrase(_ text: String, isPrefix: Bool) -> (words: [String], isPrefix: Bool) {
    var words = Array(words(in: text))
    guard let last = words.last, last.endsRun else { return (words.map(\.text), isPrefix) }
    // The last character of a run may be followed by others where it is found: the pair before it tells all, and where
    // there is none, any pair that begins with it will do.
    let isSingle = words.count == 1 || words[words.count - 2].range.upperBound != last.range.upperBound
    if isSingle { return (words.map(\.text), true) }
    words.removeLast()
    return (words.map(\.text), false)
  }

  /// The text as it is read.
  private struct Reader {
    private var words = SearchWords()
    private var position = 0

    /// The word that is being read: how many characters it has, and where it stands.
    private var wordLength = 0
    private var wordStart = 0
    private var wordEnd = 0

    /// The run without spaces that is being read.
    private var run: [(text: String, range: Range<Int>)] = []

    mutating func read(_ scalar: Unicode.Scalar) {
      defer { position += 1 }
      if scalar.isASCII { return read(UInt8(truncatingIfNeeded: scalar.value)) }
      switch SearchFolding.role(of: scalar) {
      case .nothing: return
      case .separator: endAll()
      case .mark:
        let folded = SearchFolding.folded(scalar)
        if !run.isEmpty {
          if folded.isEmpty {
            run[run.count - 1].range = run[run.count - 1].range.lowerBound..<(position + 1)
          } else {
            run.append((folded, position..<(position + 1)))
          }
        } else if words.isWithinWord {
          add(folded)
        }
      case .word:
        endRun()
        if !words.isWithinWord { wordStart = position }
        add(SearchFolding.folded(scalar))
      case .unspaced:
        endWord()
        let folded = SearchFolding.folded(scalar)
        if !folded.isEmpty { run.append((folded, position..<(position + 1))) }
      }
    }

    /// Reads a character of ASCII, as most are: without the tables.
    private mutating func read(_ byte: UInt8) {
      guard SearchFolding.isASCIIWord(byte) else { return endAll() }
      endRun()
      if !words.isWithinWord { wordStart = position }
      wordEnd = position + 1
      wordLength += 1
      if wordLength <= SearchTokenizer.wordLengthMax { words.append(SearchFolding.foldedASCII(byte)) }
    }

    mutating func end() -> SearchWords {
      endAll()
      return words
    }

    private mutating func add(_ folded: String) {
      wordEnd = position + 1
      wordLength += 1
      if wordLength <= SearchTokenizer.wordLengthMax { words.append(folded) }
    }

    private mutating func endAll() {
      endWord()
      endRun()
    }

    private mutating func endWord() {
      guard wordLength > 0 else { return }
      words.endWord(wordStart..<wordEnd)
      wordLength = 0
    }

    private mutating func endRun() {
      guard let last = run.last else { return }
      for index in run.indices.dropLast() {
        let (first, second) = (run[index], run[index + 1])
        words.append(first.text)
        words.append(second.text)
        words.endWord(first.range.lowerBound..<second.range.upperBound)
      }
      words.append(last.text)
      words.endWord(last.range, endsRun: true)
      run.removeAll(keepingCapacity: true)
    }
  }
}
