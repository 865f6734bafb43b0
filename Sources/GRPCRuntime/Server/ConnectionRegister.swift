/// Which connections a server has, and whether it takes one more.
package struct ConnectionRegister<Connection> {
  /// Why a connection is not taken.
  package enum Refusal: Equatable {
    /// The server has as many as it may.
    case server
    /// The host has as many as it may.
    case peer
  }

  private let connectionsMax: Int
  private let perHostMax: Int?
  private var entries: [ObjectIdentifier: (connection: Connection, host: String?)] = [:]
  private var countsByHost: [String: Int] = [:]

  /// Makes an empty register.
  package init(connectionsMax: Int, perHostMax: Int?) {
    self.connectionsMax = connectionsMax
    self.perHostMax = perHostMax
  }

  /// Whether there are none.
  package var isEmpty: Bool { entries.isEmpty }

  /// All of them, in no order.
  package var connections: [Connection] { entries.values.map(\.connection) }

  /// Adds a connection, or says why not.
  package mutating func open(_ connection: Connection, id: ObjectIdentifier, host: String?) -> Refusal? {
    guard entries.count < connectionsMax else { return .server }
    // Without a limit for a host, hosts are not counted.
    let host = perHostMax == nil ? nil : host
    if let host, let perHostMax {
      let count = countsByHost[host, default: 0]
      guard count < perHostMax else { return .peer }
      countsByHost[host] = count + 1
    }
    entries[id] = (connection, host)
    return nil
  }

  /// Forgets a connection that was added.
  package mutating func close(id: ObjectIdentifier) {
    guard let host = entries.removeValue(forKey: id)?.host, let count = countsByHost[host] else { return }
    countsByHost[host] = count > 1 ? count - 1 : nil
  }
}
