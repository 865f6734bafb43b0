/// The time and the chance that a registry lives by: all of it that does not follow from what callers ask.
///
/// Store and registry are given the same ones, so that whoever hands them in decides everything: with a clock that is set
/// and numbers that follow from a seed, the same calls give the same bytes. `PlenaryDaemon` hands in those of the machine.
package struct TimeAndChance: Sendable {
  /// The time. The store corrects it where it runs backwards.
  package var now: @Sendable () -> CommitTime

  /// So many random bytes that nobody can guess: for the identity of a new store, for salts and for ids.
  package var randomBytes: @Sendable (Int) -> [UInt8]

  /// A clock and a source of random bytes.
  package init(now: @escaping @Sendable () -> CommitTime, randomBytes: @escaping @Sendable (Int) -> [UInt8]) {
    self.now = now
    self.randomBytes = randomBytes
  }
}
