/// Why a run stops: one line that says what happened, where, and what to do, and what the line rests on below it.
struct Failure: Error, Equatable {
  /// What happened, and where.
  var what: String
  /// What to do about it.
  var advice: String?
  /// What else is known, a line each.
  var details: [String] = []
  /// How the run ends.
  var status: ExitStatus

  init(_ status: ExitStatus, _ what: String, advice: String? = nil, details: [String] = []) {
    self.what = what
    self.advice = advice
    self.details = details
    self.status = status
  }

  /// What was compared differs, which the output has told already.
  static let somethingDiffers = Failure(.differs, "")

  /// The lines as they are printed, without a line break at the end.
  var text: String {
    let first = advice.map { "\(what); \($0)" } ?? what
    return (["error: \(first)"] + details.map { "  \($0)" }).joined(separator: "\n")
  }
}
