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

  /// The text of a record with its words.
  struct ReadText: Sendable {
    let text: SearchedText
    let words: SearchWords
  }

  /// A place in a text where a term is found.
  struct Place: Hashable, Sendable {
    let term: Int

    /// In characters from 0.
    let range: Range<Int>
  }

  /// The texts of a record with their words, those in one language or all.
  static func texts(of record: any ProtobufMessage, _ kind: Kind, in language: LanguageTag?) -> [ReadText] {
    kind.searchedTexts(of: record, in: language).map {
      ReadText(text: $0, words: SearchTokenizer.words(in: $0.text))
    }
  }

  /// Whether a record satisfies the query. The words of a phrase stand in one text; different terms can stand in
  /// different texts.
  func holds(for record: any ProtobufMessage, _ kind: Kind) -> Bool {
    holds(for: Self.texts(of: record, kind, in: language))
  }

  /// Whether texts satisfy the query together.
  func holds(for texts: [ReadText]) -> Bool {
    let isFound = query.terms.map { term in
      texts.contains {
        ($0.text.isTitle || !isInTitles) && $0.words.firstIndex(of: term.words, isPrefix: term.isPrefix) != nil
      }
    }
    return query.holds(where: isFound)
  }

  /// Where the terms are found in a text, in order.
  func places(in text: ReadText) -> [Place] {
    var places: [Place] = []
    for (number, term) in query.terms.enumerated() {
      var start = 0
      while let first = text.words.firstIndex(of: term.words, isPrefix: term.isPrefix, from: start) {
        let last = first + term.words.count - 1
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
    let characters = Array(text.text.text.unicodeScalars)
    let places = places(in: text)
    guard characters.count > lengthMax else {
      return Snippet(text: text.text.text, ranges: Self.joined(places.map(\.range)))
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

  /// Adds a record by its texts.
  mutating func add(_ texts: [SearchMatch.ReadText], _ match: SearchMatch) {
    var counts = [Double](repeating: 0, count: match.query.terms.count)
    var length = 0.0
    for text in texts {
      let weight = text.text.isTitle ? Self.titleWeight : 1
      length += Double(text.words.count)
      for place in match.places(in: text) { counts[place.term] += weight }
    }
    entries.append(Entry(counts: counts, length: length))
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
