import PlenaryAPI
import PlenaryStore
import PlenaryStoreSQLite
import PlenaryTestKit
import ProtobufRuntime
import Testing

@testable import PlenaryDomain

/// The index finds just what a look at each record finds.
@Suite struct SearchPropertyTests {
  /// Pieces of texts, in the scripts that differ most: with accents, from right to left, without spaces, with endings.
  private static let pieces = [
    "internet", "Internets", "café", "CAFE", "naïve", "Ökonomie", "S/RES/2129", "(2013)", "the", "of", "best",
    "practices",
    "الإرهاب", "مكافحة", "مُكافحة", "الانترنت", "สิทธิมนุษยชน", "สิทธิ", "มนุษย์", "ประชุม", "인터넷", "인터넷을", "회의", "회의에서",
    "反恐", "反恐怖主义", "互联网治理", "治理", "恐怖", "インターネット", "ネット", "会議", "Интернет", "ИНТЕРНЕТА", "διαδίκτυο", "ΔΙΑΔΊΚΤΥΟ", "x",
  ]

  private struct Random {
    var generator: SeededNumbers

    mutating func text(_ counts: ClosedRange<Int>) -> String {
      (0..<Int.random(in: counts, using: &generator)).map { _ in
        piece + ([" ", " ", " ", "", "-", "\u{300C}"].randomElement(using: &generator) ?? "")
      }.joined()
    }

    var piece: String {
      mutating get { SearchPropertyTests.pieces.randomElement(using: &generator) ?? "" }
    }

    /// A part of a piece, as somebody might type it.
    mutating func word() -> String {
      let piece = piece
      let characters = Array(piece)
      switch Int.random(in: 0..<5, using: &generator) {
      case 0: return piece.uppercased()
      case 1 where characters.count > 2:
        let start = Int.random(in: 0..<(characters.count - 1), using: &generator)
        return String(characters[start..<Int.random(in: (start + 1)...characters.count, using: &generator)])
      case 2 where characters.count > 2:
        return String(characters.prefix(Int.random(in: 2...characters.count, using: &generator))) + "*"
      case 3: return "\"\(piece) \(self.piece)\""
      default: return piece
      }
    }

    mutating func query(_ depth: Int = 0) -> String {
      switch Int.random(in: 0..<(depth < 2 ? 6 : 2), using: &generator) {
      case 2: return "\(query(depth + 1)) \(query(depth + 1))"
      case 3: return "\(word()) OR \(word())"
      case 4: return "(\(query(depth + 1))) -\(word())"
      case 5: return "(\(word()) OR (\(query(depth + 1)))) \(word())"
      default: return word()
      }
    }
  }

  @Test(arguments: 0..<4)
  func `an index and a look at each record agree`(_ seed: UInt64) async throws {
    try await TestRegistry.run { test in
      var random = Random(generator: SeededNumbers(seed: seed))
      let index = test.store.searchIndex
      try await index.open()
      try await index.beginLoading(at: .zero)
      try await index.finishLoading(at: .zero)
      let kind = Kind.theme
      var themes: [String: Theme] = [:]
      var revision: UInt64 = 0
      for _ in 0..<12 {
        var documents: [SearchDocument] = []
        var changes: [(revision: Revision, place: SearchPlace)] = []
        for _ in 0..<Int.random(in: 1...40, using: &random.generator) {
          revision += 1
          let name = "themes/t\(Int.random(in: 0..<150, using: &random.generator))"
          guard !documents.contains(where: { $0.place.key.name == name }) else { continue }
          let isGone = Int.random(in: 0..<6, using: &random.generator) == 0
          let theme = Theme.with { $0.prefLabel = LocalizedText(isGone ? "" : random.text(1...12)) }
          themes[name] = isGone ? nil : theme
          documents.append(try kind.searchDocument(of: theme.serializedBytes(), at: Key(stored: name)))
          changes.append((Revision(revision), documents[documents.count - 1].place))
        }
        try await index.apply(
          SearchUpdate(documents: documents, changes: changes, through: Revision(revision), erases: false))
        for _ in 0..<40 {
          let text = random.query()
          guard let query = try? SearchQuery(text) else { continue }  // A part of a piece may be no word.
          let match = SearchMatch(query: query)
          let expected = try themes.filter { try match.holds(for: $0.value.serializedBytes(), kind) }.map(\.key)
            .sorted()
          for direction in [Query.Direction.ascending, .descending] {
            let found = Self.all(
              SearchRequest(
                expression: query.expression, groups: [kind.searchGroup], revision: Revision(revision)),
              in: index, going: direction, chunk: Int.random(in: 1...20, using: &random.generator))
            #expect(
              found == (direction == .ascending ? expected : expected.reversed()), "seed \(seed): \(text)")
          }
        }
      }
    }
  }

  private static func all(
    _ request: SearchRequest, in index: SQLiteSearchIndex, going direction: Query.Direction, chunk: Int
  ) -> [String]? {
    var names: [String] = []
    var start = SearchStart(going: direction)
    while true {
      guard let keys = index.keys(request, from: start, limit: chunk) else { return nil }
      names += keys.map(\.name)
      guard keys.count == chunk, let last = keys.last else { return names }
      start.key = last
    }
  }
}
