internal import Synchronization

/// Numbers that look random and follow from a seed: SplitMix64, by Steele, Lea and Flood. Good enough for tests and for
/// ids, and no secret.
package struct SeededNumbers: RandomNumberGenerator, Sendable {
  private(set) var state: UInt64

  /// The numbers that follow from a seed.
  package init(seed: UInt64) {
    state = seed
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var number = state
    number = (number ^ number >> 30) &* 0xBF58_476D_1CE4_E5B9
    number = (number ^ number >> 27) &* 0x94D0_49BB_1331_11EB
    return number ^ number >> 31
  }
}

/// The chance of a registry under test: what it draws follows from a seed and from how often it has drawn.
final class SeededChance: Sendable {
  private let numbers: Mutex<SeededNumbers>

  init(seed: UInt64) {
    numbers = Mutex(SeededNumbers(seed: seed))
  }

  /// Where it is; whoever goes on from here draws the same.
  var state: UInt64 {
    get { numbers.withLock { $0.state } }
    set { numbers.withLock { $0 = SeededNumbers(seed: newValue) } }
  }

  func bytes(_ count: Int) -> [UInt8] {
    numbers.withLock { numbers in
      var bytes: [UInt8] = []
      while bytes.count < count {
        let number = numbers.next()
        for shift in stride(from: UInt64(0), to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
      }
      return Array(bytes.prefix(count))
    }
  }
}
