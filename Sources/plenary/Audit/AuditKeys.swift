internal import ArgumentParser
internal import Transparency

/// The keys that signatures under heads are verified with.
struct AuditKeys: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The registry's key, or a file that holds it. Without it the registry's signature is not verified.",
      valueName: "key"))
  var key: String?

  @Option(
    help: ArgumentHelp(
      "The key of a witness that must have signed as well, or a file that holds it; can be given several times.",
      valueName: "key"))
  var cosigner: [String] = []

  /// Says so if it is not known who has signed.
  func tellWhatIsMissing(on console: Console) {
    guard key == nil else { return }
    console.note("the registry's signature is not verified; give its key with --key to have it verified")
  }

  /// A head in a file, once its signatures are found to be right.
  func checkpoint(in path: String) throws -> Checkpoint {
    try checkpoint(try SmallFile.read(path), called: path)
  }

  /// A head, once its signatures are found to be right.
  func checkpoint(_ text: String, called title: String) throws -> Checkpoint {
    try AuditText.checkpoint(try note(text, called: title), called: title)
  }

  /// A note, once its signatures are found to be right.
  func note(_ text: String, called title: String) throws -> SignedNote {
    let note = try AuditText.note(text, called: title)
    for key in try ([key].compactMap { $0 } + cosigner).map(AuditText.key) where !key.verifies(note) {
      throw Failure(
        .differs, "\(title) is not signed by \(key.name)", advice: "do not rely on it, or ask for the key that is right"
      )
    }
    return note
  }
}
