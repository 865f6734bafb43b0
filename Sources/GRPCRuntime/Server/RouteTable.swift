internal import HTTP2

/// Finds the route of a request from the bytes of its path, without making a string of them.
///
/// Invariant: `slots` has at least twice as many places as there are routes, so a search always meets an empty place.
package struct RouteTable: Sendable {
  private struct Slot: Sendable {
    let path: [UInt8]
    let route: Route
  }

  private let slots: [Slot?]
  private let mask: Int

  /// Makes the table of a router's routes.
  package init(_ routes: [Route]) {
    var capacity = 8
    while capacity < routes.count * 2 { capacity *= 2 }
    mask = capacity - 1
    var slots = [Slot?](repeating: nil, count: capacity)
    for route in routes {
      let path = Array(route.path.utf8)
      var index = Self.hash(path.span) & mask
      while slots[index] != nil { index = (index + 1) & mask }
      slots[index] = Slot(path: path, route: route)
    }
    self.slots = slots
  }

  /// The route with this path.
  package func find(_ path: Span<UInt8>) -> Route? {
    var index = Self.hash(path) & mask
    while let slot = slots[index] {
      if slot.path.span.isEqual(to: path) { return slot.route }
      index = (index + 1) & mask
    }
    return nil
  }

  /// FNV-1a over the end of the path: that is where paths differ. The table holds only our own paths, so a caller gains
  /// nothing from paths that hash alike.
  private static func hash(_ path: Span<UInt8>) -> Int {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325 ^ UInt64(path.count)
    for index in max(0, path.count - 16)..<path.count {
      hash = (hash ^ UInt64(path[index])) &* 0x100_0000_01b3
    }
    return Int(truncatingIfNeeded: hash ^ hash >> 32)
  }
}
