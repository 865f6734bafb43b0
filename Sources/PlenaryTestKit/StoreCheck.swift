package import PlenaryStore

/// One promise that every store keeps, as something to run.
///
/// A store's tests run all of them, each on a fresh store:
///
///     @Test(arguments: StoreCheck.all)
///     func `a store keeps its promise`(_ check: StoreCheck) async throws { try await check.run(on: store) }
package struct StoreCheck: Sendable, CustomStringConvertible {
  /// The promise.
  package let description: String

  private let body: @Sendable (StoreTrial) async throws -> Void

  init(_ description: String, _ body: @escaping @Sendable (StoreTrial) async throws -> Void) {
    self.description = description
    self.body = body
  }

  /// Every promise.
  package static let all: [StoreCheck] =
    writes + deletions + preconditions + idempotency + lists + history + past + compaction + viewers + changes
    + feed + limits + erasing + audit

  /// Tries the promise on a store that nothing was written to.
  /// - Throws: `StoreCheckFailure` if the store breaks it.
  package func run(on store: any Store) async throws {
    try await body(StoreTrial(store: store))
  }
}

/// How a store broke a promise.
package struct StoreCheckFailure: Error, CustomStringConvertible {
  /// What was found, and where it was noticed.
  package let description: String
}

/// Fails unless two values are equal.
func expect<Value: Equatable>(
  _ found: Value, _ expected: Value, _ what: String = "", file: StaticString = #fileID, line: UInt = #line
) throws(StoreCheckFailure) {
  guard found != expected else { return }
  throw StoreCheckFailure(description: "\(file):\(line): \(what) is \(found), not \(expected)")
}

/// Fails unless it holds.
func expect(
  _ condition: Bool, _ what: String, file: StaticString = #fileID, line: UInt = #line
) throws(StoreCheckFailure) {
  guard !condition else { return }
  throw StoreCheckFailure(description: "\(file):\(line): \(what)")
}

/// Fails unless the optional has a value.
func require<Value>(
  _ value: Value?, _ what: String, file: StaticString = #fileID, line: UInt = #line
) throws(StoreCheckFailure) -> Value {
  guard let value else { throw StoreCheckFailure(description: "\(file):\(line): there is no \(what)") }
  return value
}

/// Fails unless the operation throws this error.
func expect(
  _ expected: StoreError, file: StaticString = #fileID, line: UInt = #line,
  from operation: () async throws(StoreError) -> Void
) async throws(StoreCheckFailure) {
  do throws(StoreError) {
    try await operation()
  } catch {
    return try expect(error, expected, "the error", file: file, line: line)
  }
  throw StoreCheckFailure(description: "\(file):\(line): nothing was thrown instead of \(expected)")
}
