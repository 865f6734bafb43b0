internal import Synchronization

/// So many bytes for everything of one sort that is under way at a time, whoever asks for it.
///
/// Invariant: what is taken is what the reservations that exist have taken; each gives its part back when it goes.
package final class MemoryBudget: Sendable {
  /// All bytes.
  package let byteCount: Int

  private let taken = Mutex(0)

  /// A budget of which nothing is taken.
  package init(byteCount: Int) {
    self.byteCount = byteCount
  }

  /// A part of the budget, which grows as the work does and is given back with the reservation.
  final class Reservation: Sendable {
    private let budget: MemoryBudget
    private let own = Mutex(0)

    fileprivate init(_ budget: MemoryBudget) {
      self.budget = budget
    }

    deinit {
      let bytes = own.withLock { $0 }
      budget.taken.withLock { $0 -= bytes }
    }

    /// Takes more bytes; false, and nothing is taken, if there are not as many left.
    func grow(by bytes: Int) -> Bool {
      let isThere = budget.taken.withLock { taken in
        guard bytes <= budget.byteCount - taken else { return false }
        taken += bytes
        return true
      }
      if isThere { own.withLock { $0 += bytes } }
      return isThere
    }
  }

  /// Begins to take from the budget.
  func reserve() -> Reservation { Reservation(self) }
}
