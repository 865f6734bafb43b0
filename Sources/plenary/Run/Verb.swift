internal import ArgumentParser

/// A verb of the CLI: its arguments, and what it does.
protocol Verb: ParsableCommand {
  /// The options that every verb takes.
  var global: GlobalOptions { get }

  /// Does it.
  ///
  /// - Throws: a `Failure`, or the `GRPCStatus` of a call that failed.
  func run(in session: Session) async throws
}
