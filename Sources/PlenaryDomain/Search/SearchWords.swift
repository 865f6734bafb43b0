/// Words that are looked for one after the other.
struct SearchPhrase: Hashable, Sendable {
  /// The words as they count, at least one, in UTF-8.
  let words: [[UInt8]]

  /// Whether the last of them may go on.
  let isPrefix: Bool

  /// Names the words.
  init(_ words: [String], isPrefix: Bool) {
    self.words = words.map { Array($0.utf8) }
    self.isPrefix = isPrefix
  }
}

/// The words of a text, in order.
///
/// Their letters stand one behind the other in one place, so that a text is taken apart, and a phrase found in it, without
/// a string for each word.
struct SearchWords: Hashable, Sendable {
  /// A word of a text.
  struct Word: Hashable, Sendable {
    /// The word as it counts.
    let text: String

    /// Where it stands, in characters from 0.
    let range: Range<Int>

    /// Whether it is the last character of a run without spaces.
    let endsRun: Bool
  }

  private struct Entry: Hashable, Sendable {
    /// Where its letters end; they begin where those of the word before end.
    let end: Int
    let range: Range<Int>
    var endsRun = false
  }

  private var letters: [UInt8] = []
  private var entries: [Entry] = []

  /// No words.
  init() {}

  /// Removes all words, and keeps their room for others.
  mutating func removeAll() {
    letters.removeAll(keepingCapacity: true)
    entries.removeAll(keepingCapacity: true)
  }

  /// Adds letters to the word that comes next.
  mutating func append(_ text: String) { letters += text.utf8 }

  /// Adds a letter of ASCII to the word that comes next.
  mutating func append(_ letter: UInt8) { letters.append(letter) }

  /// Whether letters were added to the word that comes next.
  var isWithinWord: Bool { letters.count > letters(before: entries.count) }

  /// Makes a word of the letters that were added since the last one; if there are none, there is no word.
  mutating func endWord(_ range: Range<Int>, endsRun: Bool = false) {
    guard isWithinWord else { return }
    entries.append(Entry(end: letters.count, range: range, endsRun: endsRun))
  }

  /// The words of a text that is ASCII only, in the place of those that there were.
  ///
  /// - Parameter lengthMax: The most letters of a word that count.
  mutating func replace(withASCII text: Span<UInt8>, lengthMax: Int) {
    removeAll()
    // About what a word and a space take.
    entries.reserveCapacity(text.count / 6 + 1)
    letters.append(addingCapacity: text.count) { letters in
      var length = 0
      for position in 0...text.count {
        // A space stands behind the text.
        let letter = position < text.count ? text[position] : UInt8(ascii: " ")
        if SearchFolding.isASCIIWord(letter) {
          if length < lengthMax { letters.append(SearchFolding.foldedASCII(letter)) }
          length += 1
        } else if length > 0 {
          entries.append(Entry(end: letters.count, range: position - length..<position))
          length = 0
        }
      }
    }
  }

  private func letters(before index: Int) -> Int { index == 0 ? 0 : entries[index - 1].end }
}

extension SearchWords: RandomAccessCollection {
  var startIndex: Int { 0 }
  var endIndex: Int { entries.count }

  subscript(index: Int) -> Word {
    let entry = entries[index]
    let text = String(decoding: letters[letters(before: index)..<entry.end], as: UTF8.self)
    return Word(text: text, range: entry.range, endsRun: entry.endsRun)
  }

  /// Where a word stands in the text, in characters from 0.
  func range(at index: Int) -> Range<Int> { entries[index].range }

  /// The first place, from one on, where some words stand one after the other.
  func firstIndex(of wanted: SearchPhrase, from start: Int = 0) -> Int? {
    guard start + wanted.words.count <= count else { return nil }
    var begin = letters(before: start)
    let (letters, entries) = (letters.span, entries.span)
    for index in start...count - wanted.words.count {
      if Self.hasWords(wanted, at: index, begin, letters, entries) { return index }
      begin = entries[index].end
    }
    return nil
  }

  private static func hasWords(
    _ wanted: SearchPhrase, at index: Int, _ begin: Int, _ letters: Span<UInt8>, _ entries: Span<Entry>
  ) -> Bool {
    var begin = begin
    for place in wanted.words.indices {
      let end = entries[index + place].end
      let word = wanted.words[place]
      let mayGoOn = wanted.isPrefix && place == wanted.words.count - 1
      guard mayGoOn ? end - begin >= word.count : end - begin == word.count else { return false }
      for letter in word.indices where letters[begin + letter] != word[letter] { return false }
      begin = end
    }
    return true
  }

  /// The words, with a space between each two of them.
  var text: String {
    var text: [UInt8] = []
    text.reserveCapacity(letters.count + count)
    for index in entries.indices {
      if index > 0 { text.append(UInt8(ascii: " ")) }
      text += letters[letters(before: index)..<entries[index].end]
    }
    return String(decoding: text, as: UTF8.self)
  }
}
