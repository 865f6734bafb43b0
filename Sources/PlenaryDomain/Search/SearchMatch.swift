internal import Foundation
internal import ProtobufRuntime

/// A query together with what it is looked for in: finds out whether a record satisfies it, and where.
struct SearchMatch: Sendable {
  /// What is looked for.
  let query: SearchQuery

  /// The one language whose texts count; nil for all.
  var language: LanguageTag?

  /// Whether only what records are called counts.
  var isInTitles = false

  /// The words and phrases of the query.
  private let phrases: [SearchPhrase]

  /// Looks for a query, in texts of one language or of all.
  init(query: SearchQuery, language: LanguageTag? = nil) {
    self.query = query
    self.language = language
    phrases = query.terms.map { SearchPhrase($0.words, isPrefix: $0.isPrefix) }
  }

  /// The text of a record with its words.
  struct ReadText: Sendable {
    let text: SearchedText
    let words: SearchWords

    /// Takes a text apart.
    init(_ text: SearchedText) {
      self.text = text
      words = SearchTokenizer.words(in: text.bytes.span)
    }
  }

  /// How often the terms of a query are found in a record, and among how many words.
  struct Counts: Sendable {
    fileprivate(set) var inTitles: [Int]
    fileprivate(set) var elsewhere: [Int]
    fileprivate(set) var wordCount = 0
  }

  /// A place in a text where a term is found.
  struct Place: Hashable, Sendable {
    let term: Int

    /// In characters from 0.
    let range: Range<Int>
  }

  /// Whether an encoded record of a kind satisfies the query.
  /// - Throws: `ProtobufError` if the bytes are no such record.
  func holds(for body: [UInt8], _ kind: Kind) throws(ProtobufError) -> Bool {
    holds(for: counts(in: try kind.searchedTexts.texts(in: body, language: language)))
  }

  /// Whether a record satisfies the query. The words of a phrase stand in one text; different terms can stand in
  /// different texts.
  func holds(for counts: Counts) -> Bool {
    query.holds(where: phrases.indices.map { counts.inTitles[$0] > 0 || counts.elsewhere[$0] > 0 && !isInTitles })
  }

  /// How often the terms are found in texts of a record.
  func counts(in texts: [SearchedText]) -> Counts {
    let none = [Int](repeating: 0, count: phrases.count)
    var counts = Counts(inTitles: none, elsewhere: none)
    var words = SearchWords()
    for text in texts {
      SearchTokenizer.read(text.bytes.span, into: &words)
      counts.wordCount += words.count
      for (term, phrase) in phrases.enumerated() {
        var count = 0
        var start = 0
        while let place = words.firstIndex(of: phrase, from: start) { (count, start) = (count + 1, place + 1) }
        if text.isTitle { counts.inTitles[term] += count } else { counts.elsewhere[term] += count }
      }
    }
    return counts
  }

  /// Where the terms are found in a text, in order.
  func places(in text: ReadText) -> [Place] {
    var places: [Place] = []
    for (number, phrase) in phrases.enumerated() {
      var start = 0
      while let first = text.words.firstIndex(of: phrase, from: start) {
        let last = first + phrase.words.count - 1
        let range = text.words.range(at: first).lowerBound..<text.words.range(at: last).upperBound
        places.append(Place(term: number, range: range))
        start = first + 1
      }
    }
    return places.sorted { ($0.range.lowerBound, $0.term) < ($1.range.lowerBound, $1.term) }
  }
}

extension SearchMatch {
  /// A part of a text around what is found in it.
  struct Snippet: Hashable, Sendable {
    /// The part, with an ellipsis where something is left out.
    let text: String

    /// What is found, in characters of the snippet from 0.
    let ranges: [Range<Int>]
  }

  /// A part of a text of at most so many characters that shows as many different terms as it can.
  func snippet(of text: ReadText, lengthMax: Int) -> Snippet {
    let whole = text.text.text
    let characters = Array(whole.unicodeScalars)
    let places = places(in: text)
    guard characters.count > lengthMax else {
      return Snippet(text: whole, ranges: Self.joined(places.map(\.range)))
    }
    // Room for an ellipsis on each side.
    let room = lengthMax - 2
    let window = Self.window(room, around: places, in: text.words, count: characters.count)
    var shown = String.UnicodeScalarView()
    var shift = window.lowerBound
    if window.lowerBound > 0 {
      shown.append("…")
      shift -= 1
    }
    for scalar in characters[window] { shown.append(scalar.properties.isWhitespace ? " " : scalar) }
    if window.upperBound < characters.count { shown.append("…") }
    let inside = places.map(\.range).filter { window.lowerBound <= $0.lowerBound && $0.upperBound <= window.upperBound }
    return Snippet(
      text: String(shown),
      ranges: Self.joined(inside).map { ($0.lowerBound - shift)..<($0.upperBound - shift) })
  }

  /// The places of a text that are looked at for where a snippet begins.
  private static let consideredPlaceCount = 64

  /// The part to show: from a word before the place where most different terms are near, at the edges of words.
  private static func window(
    _ room: Int, around places: [Place], in words: SearchWords, count: Int
  ) -> Range<Int> {
    var best = (start: 0, terms: 0)
    for place in places.prefix(consideredPlaceCount) {
      let end = place.range.lowerBound + room
      let terms = Set(
        places.prefix(consideredPlaceCount).filter {
          $0.range.lowerBound >= place.range.lowerBound && $0.range.upperBound <= end
        }
        .map(\.term)
      ).count
      if terms > best.terms { best = (place.range.lowerBound, terms) }
    }
    // A quarter of the room shows what stands before.
    var start = max(0, min(best.start - room / 4, count - room))
    if start > 0 {
      let starts = words.indices.lazy.map { words.range(at: $0).lowerBound }
      start = starts.first { $0 >= start && $0 <= best.start } ?? start
    }
    var end = min(count, start + room)
    if end < count {
      let ends = words.indices.lazy.map { words.range(at: $0).upperBound }
      end = ends.last { $0 <= end && $0 > start } ?? end
    }
    return start..<end
  }

  /// Ranges in order, those that touch made one.
  private static func joined(_ ranges: [Range<Int>]) -> [Range<Int>] {
    ranges.reduce(into: []) { joined, range in
      guard let last = joined.last, range.lowerBound <= last.upperBound else { return joined.append(range) }
      joined[joined.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
    }
  }
}

/// Puts what is found in order by how well it fits: by BM25 over the records that are put in order, with what they are
/// called counted several times.
struct SearchRanking {
  private static let titleWeight = 4.0
  private static let saturation = 1.2
  private static let lengthShare = 0.75

  private struct Entry {
    let counts: [Double]
    let length: Double
  }

  private var entries: [Entry] = []

  /// Adds a record by what is found in it.
  mutating func add(_ counts: SearchMatch.Counts) {
    entries.append(
      Entry(
        counts: zip(counts.inTitles, counts.elsewhere).map { Self.titleWeight * Double($0) + Double($1) },
        length: Double(counts.wordCount)))
  }

  /// The scores of the records, in the order in which they were added.
  var scores: [Double] {
    guard let first = entries.first else { return [] }
    let total = Double(entries.count)
    let meanLength = max(1, entries.reduce(0) { $0 + $1.length } / total)
    let weights = first.counts.indices.map { term in
      let count = Double(entries.count { $0.counts[term] > 0 })
      return log1p((total - count + 0.5) / (count + 0.5))
    }
    return entries.map { entry in
      let norm = Self.saturation * (1 - Self.lengthShare + Self.lengthShare * entry.length / meanLength)
      return zip(entry.counts, weights).reduce(0) { score, pair in
        score + pair.1 * pair.0 * (Self.saturation + 1) / (pair.0 + norm)
      }
    }
  }
}
