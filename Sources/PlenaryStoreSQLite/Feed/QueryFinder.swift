internal import PlenaryStore

/// Finds the queries for keys that come one after the other. Changes of one kind often follow each other, and keys that agree up
/// to their last slash have the same query, so most keys are only compared with the one before.
struct QueryFinder {
  private let selection: FeedSelection

  /// The last key up to its last slash, empty if there is none to compare with; and its query.
  private var stem: [UInt8] = []
  private var index: Int?

  init(_ selection: FeedSelection) {
    self.selection = selection
  }

  /// The place of the query for a key; nil if there is none.
  mutating func index(of key: Span<UInt8>) -> Int? {
    if hasStem(key) { return index }
    index = selection.queryIndex(key)
    stem.removeAll(keepingCapacity: true)
    guard let slash = key.indices.last(where: { key[$0] == Self.slash }) else { return index }
    for place in 0...slash { stem.append(key[place]) }
    return index
  }

  /// Whether a key agrees with the last one up to its last slash.
  private func hasStem(_ key: Span<UInt8>) -> Bool {
    guard !stem.isEmpty, key.count >= stem.count else { return false }
    for place in stem.indices where stem[place] != key[place] { return false }
    for place in stem.count..<key.count where key[place] == Self.slash { return false }
    return true
  }

  private static let slash = UInt8(ascii: "/")
}
