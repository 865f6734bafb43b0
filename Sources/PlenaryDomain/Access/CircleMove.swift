internal import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

/// What became of a record that the directory holds, understood.
enum DirectoryChange {
  /// A client; nil if there is none any more.
  case client(Key, Client?)
  /// A sharing group; nil if there is none any more.
  case group(String, SharingGroup?)

  init(_ record: StoredRecord?, at key: Key) {
    if Kind.client.pattern.matches(key.name) {
      // Whoever cannot be understood is not let in.
      self = .client(key, record.flatMap { try? Client(serializedBytes: $0.body) })
    } else {
      // A group that cannot be understood lets nobody in.
      self = .group(key.name, record.flatMap { try? SharingGroup(serializedBytes: $0.body) })
    }
  }
}

/// What changes of sharing groups come to, worked out beside the directory, which answers others meanwhile.
struct CircleMove {
  /// The groups as they are afterwards.
  private(set) var circles: SharingCircles

  /// The organizations that have been asked about and are in other groups afterwards.
  private(set) var groups: [String: Set<String>] = [:]

  /// The organizations that may be in other groups, and had not been asked about.
  private(set) var unknown: [String] = []

  /// - Parameter known: The groups of the organizations that have been asked about.
  init(_ changes: [DirectoryChange], in circles: SharingCircles, _ known: [String: Set<String>]) {
    self.circles = circles
    var touched: Set<String> = []
    for case .group(let name, let group) in changes { touched.formUnion(self.circles.take(group, named: name)) }
    for organization in touched {
      guard let before = known[organization] else {
        unknown.append(organization)
        continue
      }
      let now = self.circles.groups(of: organization)
      if now != before { groups[organization] = now }
    }
  }
}
