internal import PlenaryStore
internal import ProtobufRuntime

/// What a call is about to write, and on what conditions.
struct Changes: Sendable {
  /// The changes, in order.
  var mutations: [Mutation] = []

  /// What deleted records are found by that come back with the content that they had.
  var revived: [Key: [IndexEntry]] = [:]

  /// The conditions, each once.
  private(set) var guards: [Guard] = []

  /// How many records each of the conditions that are quotas is to leave room for.
  private(set) var added: [Precondition: Int] = [:]

  private var conditions: Set<Precondition> = []

  /// The content of the record that the call is about, as it will be; nil if the call changes nothing.
  var preview: (any ProtobufMessage)?

  /// Adds what an examination has found to rest on.
  mutating func rest(on findings: Findings) {
    for case .quota(let originator, let max) in findings.guards.map(\.precondition) {
      added[.quota(originator: originator, max: max), default: 0] += 1
    }
    guards += findings.guards.filter { conditions.insert($0.precondition).inserted }
  }
}
