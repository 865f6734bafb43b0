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
    return words(in: utf8.span)
  }

  /// The words of a text in UTF-8, in order.
  static func words(in text: Span<UInt8>) -> SearchWords {
    var words = SearchWords()
    read(text, into: &words)
    return words
  }

  /// Reads the words of a text in UTF-8, in the place of those of another.
  static func read(_ text: Span<UInt8>, into words: inout SearchWords) {
    if text.indices.allSatisfy({ text[$0] < 0x80 }) {
      return words.replace(withASCII: text, lengthMax: wordLengthMax)
    }
    words.removeAll()
    var reader = Reader()
    swap(&reader.words, &words)
    // What is no text is read as one with U+FFFD in it.
    if (try? UTF8Span(validating: text)) != nil {
      reader.read(text)
    } else {
      let mended = String(decoding: text.indices.map { text[$0] }, as: UTF8.self).utf8
      reader.read(mended.span)
    }
    reader.endAll()
    swap(&reader.words, &words)
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
    var words = SearchWords()
    private var position = 0

    /// The word that is being read: how many characters it has, and where it stands.
    private var wordLength = 0
    private var wordStart = 0
    private var wordEnd = 0

    /// The run without spaces that is being read.
    private var run: [(text: String, range: Range<Int>)] = []

    /// Reads a text in UTF-8, which has been validated.
    mutating func read(_ text: Span<UInt8>) {
      var place = 0
      while place < text.count {
        let first = text[place]
        place += 1
        if first < 0x80 {
          read(first)
        } else {
          // RFC 3629, section 3: the first byte begins with as many ones as there are bytes.
          let followingCount = (~first).leadingZeroBitCount - 1
          var value = UInt32(first) & (0x3F >> UInt32(followingCount))
          for byte in place..<(place + followingCount) { value = value << 6 | UInt32(text[byte] & 0x3F) }
          place += followingCount
          read(Unicode.Scalar(value) ?? "\u{FFFD}")
        }
        position += 1
      }
    }

    private mutating func read(_ scalar: Unicode.Scalar) {
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

    private mutating func add(_ folded: String) {
      wordEnd = position + 1
      wordLength += 1
      if wordLength <= SearchTokenizer.wordLengthMax { words.append(folded) }
    }

    mutating func endAll() {
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
