internal import PlenaryClient

// From the statuses of calls to what the user is told. It is done here alone.

extension Failure {
  /// Why a call of the server at an address failed.
  init(_ status: GRPCStatus, server: String) {
    let exit = ExitStatus(status.code)
    switch status.code {
    case .unavailable where status.origin != .peer:
      self.init(
        exit, "cannot reach plenaryd at \(server): \(status.message)",
        advice: "start it with `plenaryd run`, or give --server or PLENARY_SERVER")
    case .deadlineExceeded:
      self.init(
        exit, "plenaryd at \(server) took longer than the call may take", advice: "give it more time with --timeout")
    case .unimplemented:
      self.init(
        exit, "the server at \(server) does not do this: \(status.message)",
        advice: "see with `plenary status` whether it is plenaryd, and of which version")
    default:
      self.init(exit, Self.sentence(status), details: Self.details(status))
    }
  }

  /// The message, and the reason by which programs know it.
  private static func sentence(_ status: GRPCStatus) -> String {
    let violations = status.fieldViolations
    // The message is that of the first; all of them follow.
    guard violations.count < 2 else { return "\(violations.count) things are wrong with the fields" }
    let message = TerminalText.oneLine(status.message.isEmpty ? "the call failed: \(status.code)" : status.message)
    return message + " (\(status.reason ?? "\(status.code)"))"
  }

  private static func details(_ status: GRPCStatus) -> [String] {
    var lines: [String] = []
    // One violation is what the message already says.
    let violations = status.fieldViolations
    if violations.count > 1 { lines += violations.map { "\($0.field): \($0.description) (\($0.reason))" } }
    let failed = status.detail(RPCPreconditionFailure.self)?.violations ?? []
    lines += failed.map { "\($0.subject): \($0.description)" }
    if let delay = status.detail(RPCRetryInfo.self)?.retryDelay {
      lines.append("it may work again in \(max(1, delay.seconds)) s")
    }
    if let hint = hint(for: status.reason) { lines.append(hint) }
    return lines.map(TerminalText.oneLine)
  }

  /// How the command line does what the message of a refusal asks for.
  private static func hint(for reason: String?) -> String? {
    switch reason {
    case "HAS_CHILDREN": "--force deletes the children with it"
    case "ETAG_MISMATCH": "`plenary get NAME --output json` shows the record with its present etag"
    case "READ_ONLY_FOLLOWER": "--server says where the leader is"
    case "LEADER_CONNECTED": "--force promotes it all the same"
    case "CREDENTIALS_MISSING": "--token-file or PLENARY_TOKEN says who calls"
    case "CREDENTIALS_INVALID": "the token is that of --token-file, PLENARY_TOKEN or PLENARY_TOKEN_FILE"
    default: nil
    }
  }
}

extension ExitStatus {
  /// How a run ends whose call had this code.
  init(_ code: GRPCStatus.Code) {
    self =
      switch code {
      case .ok: .ok
      case .notFound: .notFound
      case .permissionDenied, .unauthenticated: .denied
      case .alreadyExists, .aborted: .conflict
      case .failedPrecondition: .precondition
      case .invalidArgument, .outOfRange: .invalid
      case .unavailable, .deadlineExceeded: .unavailable
      default: .other
      }
  }
}
