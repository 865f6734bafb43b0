internal import PlenaryStore
internal import Synchronization

/// Counts credentials that were good for nothing, by where they came from, so that whoever tries out many is soon listened to
/// no longer.
///
/// A peer is a machine, and not a connection, of which it could make as many as it likes; of IPv6 it is a network of 64 bits,
/// which is what one customer gets. What is known to be good is let in from wherever it comes.
final class FailedCredentials: Sendable {
  /// For how long failures count together.
  static let window: Int64 = 60_000_000

  /// The most peers that are told apart; all others are counted as one.
  static let peersMax = 4096

  /// How many peers administrators are told of, at most.
  static let toldMax = 10

  fileprivate struct Failures {
    var begin: CommitTime
    var count: Int

    func isOver(at now: CommitTime) -> Bool { now.microseconds - begin.microseconds >= FailedCredentials.window }
  }

  fileprivate struct State {
    var peers: [String: Failures] = [:]
    var total: Int64 = 0
    var unheard: Int64 = 0
  }

  private let state = Mutex(State())

  /// Counts a failure.
  func note(from peer: String, at now: CommitTime) {
    state.withLock { state in
      state.total += 1
      let name = state.name(of: Self.machine(peer), at: now)
      if let known = state.peers[name], !known.isOver(at: now) {
        state.peers[name]?.count += 1
      } else {
        state.peers[name] = Failures(begin: now, count: 1)
      }
    }
  }

  /// Counts a call whose credentials were not looked at.
  func noteUnheard() {
    state.withLock { $0.unheard += 1 }
  }

  /// Whether a peer has failed as often as it may, and is not to be listened to. Nil is no limit.
  func isTooMuch(from peer: String, max: Int?, at now: CommitTime) -> Bool {
    guard let max else { return false }
    return state.withLock { state in
      guard let known = state.peers[state.name(of: Self.machine(peer), at: now)] else { return false }
      return known.count >= max && !known.isOver(at: now)
    }
  }

  /// Failures since the start, calls that were not listened to because of them, and the peers with the most of now.
  func counts(at now: CommitTime) -> (total: Int64, unheard: Int64, peers: [(peer: String, count: Int)]) {
    state.withLock { state in
      let current = state.peers.filter { !$0.value.isOver(at: now) }.map { (peer: $0.key, count: $0.value.count) }
      let first = current.sorted { ($1.count, $0.peer) < ($0.count, $1.peer) }.prefix(Self.toldMax)
      return (state.total, state.unheard, Array(first))
    }
  }

  /// The machine in an address `HOST:PORT`, as it is counted.
  static func machine(_ address: String) -> String {
    guard let colon = address.lastIndex(of: ":") else { return address.isEmpty ? "unknown" : address }
    let host = address[..<colon]
    guard host.hasPrefix("["), host.hasSuffix("]") else { return String(host) }
    let parts = host.dropFirst().dropLast().split(separator: "%").first ?? ""
    // RFC 4291 §2.2: what `::` leaves out is zeros; only the first four groups count.
    let halves = parts.split(separator: "::", omittingEmptySubsequences: false).map {
      $0.split(separator: ":").map(String.init)
    }
    let head = halves.first ?? []
    let zeros = halves.count > 1 ? max(8 - head.count - (halves.last?.count ?? 0), 0) : 0
    let groups = head + Array(repeating: "0", count: zeros) + (halves.count > 1 ? halves.last ?? [] : [])
    return groups.prefix(4).joined(separator: ":") + "::/64"
  }
}

extension FailedCredentials.State {
  /// What a machine is counted as. Those of whom nothing was heard for a while make room for others.
  fileprivate mutating func name(of machine: String, at now: CommitTime) -> String {
    guard peers[machine] == nil, peers.count >= FailedCredentials.peersMax else { return machine }
    peers = peers.filter { !$0.value.isOver(at: now) }
    return peers.count < FailedCredentials.peersMax ? machine : "others"
  }
}
