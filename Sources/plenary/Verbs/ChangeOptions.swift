internal import ArgumentParser

/// The options of the verbs that change a record.
struct ChangeOptions: ParsableArguments {
  @Flag(name: [.long, .customLong("validate-only")], help: "Check everything and change nothing.")
  var dryRun = false

  @Option(
    help: ArgumentHelp(
      "Makes the change safe to repeat: a second one with the same UUID does nothing.", valueName: "uuid"))
  var requestID = ""

  /// The change that is asked for.
  var change: Change { Change(requestID: requestID, isRehearsal: dryRun) }

  /// What was done, or would be: `created dialogues/x`.
  func sentence(_ verb: String, _ name: String) -> String {
    dryRun ? "\(name) can be \(verb) (dry run: nothing was changed)" : "\(verb) \(name)"
  }
}
