public import GoogleAPI

/// The outcome of a call: a code, a message for people, and details for programs.
///
/// Handlers throw it to end a call with anything but success; callers receive it as the error of a call.
public struct GRPCStatus: Error, Sendable, Equatable {
  /// Which of gRPC's outcomes this is.
  public var code: Code

  /// What happened, for a person to read. It crosses the wire, so it must not name internals.
  public var message: String

  /// Details for programs, as in `google.rpc.Status`: each is a packed `google.rpc` or own message.
  public var details: [ProtobufAny]

  /// Who decided this outcome.
  public var origin: Origin

  /// Makes a status.
  public init(_ code: Code, _ message: String = "", details: [ProtobufAny] = [], origin: Origin = .local) {
    self.code = code
    self.message = message
    self.details = details
    self.origin = origin
  }

  /// The call succeeded.
  public static let ok = GRPCStatus(.ok)
}

extension GRPCStatus {
  /// Who decided the outcome of a call.
  public enum Origin: Sendable, Hashable {
    /// The other side's handler or library sent it.
    case peer
    /// This side decided: a handler threw it, a deadline passed, the task was cancelled, a limit was met.
    case local
    /// The connection broke, or carried something that is not gRPC.
    case transport
  }

  /// gRPC's status codes.
  public struct Code: RawRepresentable, Sendable, Hashable {
    /// The number on the wire.
    public let rawValue: Int

    /// The code with this number; numbers gRPC does not define are kept.
    public init(rawValue: Int) {
      self.rawValue = rawValue
    }

    /// Success.
    public static let ok = Code(rawValue: 0)
    /// The caller gave up.
    public static let cancelled = Code(rawValue: 1)
    /// An error without a better code.
    public static let unknown = Code(rawValue: 2)
    /// The request is wrong whatever the state of the system.
    public static let invalidArgument = Code(rawValue: 3)
    /// The deadline passed first.
    public static let deadlineExceeded = Code(rawValue: 4)
    /// What was asked for does not exist.
    public static let notFound = Code(rawValue: 5)
    /// What was to be created exists.
    public static let alreadyExists = Code(rawValue: 6)
    /// The caller is known and may not do this.
    public static let permissionDenied = Code(rawValue: 7)
    /// A limit or quota is used up.
    public static let resourceExhausted = Code(rawValue: 8)
    /// The system is not in the state this needs.
    public static let failedPrecondition = Code(rawValue: 9)
    /// A concurrent change came first.
    public static let aborted = Code(rawValue: 10)
    /// A position past the end.
    public static let outOfRange = Code(rawValue: 11)
    /// The method does not exist, or not in this form.
    public static let unimplemented = Code(rawValue: 12)
    /// A broken promise inside the system or on the wire.
    public static let `internal` = Code(rawValue: 13)
    /// The service cannot be reached now; trying again may help.
    public static let unavailable = Code(rawValue: 14)
    /// Data is lost for good.
    public static let dataLoss = Code(rawValue: 15)
    /// The caller's credentials are missing or wrong.
    public static let unauthenticated = Code(rawValue: 16)
  }
}

extension GRPCStatus.Code: CustomStringConvertible {
  private static let names = [
    "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
    "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
    "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
  ]

  /// The code's name as in gRPC's documents, such as `NOT_FOUND`.
  public var description: String {
    Self.names.indices.contains(rawValue) ? Self.names[rawValue] : "CODE_\(rawValue)"
  }
}

extension GRPCStatus: CustomStringConvertible {
  /// The code's name and the message: `NOT_FOUND: no such dialogue`.
  public var description: String {
    message.isEmpty ? "\(code)" : "\(code): \(message)"
  }
}
