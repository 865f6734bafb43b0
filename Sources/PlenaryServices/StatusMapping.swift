internal import GRPCRuntime
internal import GoogleAPI
internal import PlenaryDomain
internal import ProtobufRuntime

// From the registry's refusals to statuses of gRPC with the details of AIP-193. It is done here alone.

extension GRPCStatus {
  /// The most bytes that the details of one status take: with the rest of the trailers they stay below the 8 KiB that
  /// stock clients accept. What has no room is left out from the end.
  private static let detailBytesMax = 3584

  /// The most bytes of a message; on the wire each of them can take three.
  private static let messageBytesMax = 512

  /// The most bytes of one value in the metadata of a refusal.
  private static let metadataBytesMax = 256

  /// How long a caller should wait before it tries again what the store could not do.
  private static let retryDelay = ProtobufDuration(.seconds(1))

  /// What a refusal is to a caller.
  init(_ error: DomainError) {
    self.init(Code(error.code), error.message.clipped(toBytes: Self.messageBytesMax))
    var room = Self.detailBytesMax
    add(Self.errorInfo(error), room: &room)
    if !error.violations.isEmpty { add(Self.badRequest(error, room: room), room: &room) }
    if !error.obstacles.isEmpty { add(Self.preconditionFailure(error, room: room), room: &room) }
    if !error.resource.isEmpty { add(Self.resourceInfo(error), room: &room) }
    if error.code == .resourceExhausted { add(Self.quotaFailure(error), room: &room) }
    if error.code == .unavailable || error.isPassing {
      add(RPCRetryInfo.with { $0.retryDelay = Self.retryDelay }, room: &room)
    }
  }

  /// An error that is no answer of the registry: the caller learns the id under which it stands in the log.
  init(unknownErrorWith requestID: String) {
    self.init(.internal, "the registry failed in a way that it should not; give its operators the id \(requestID)")
    var room = Self.detailBytesMax
    add(RPCRequestInfo.with { $0.requestID = requestID }, room: &room)
  }

  /// Adds a detail if there is room for it.
  private mutating func add(_ detail: some ProtobufMessage, room: inout Int) {
    // A detail that cannot be encoded must not hide the refusal.
    guard let packed = try? ProtobufAny(packing: detail), packed.value.count <= room else { return }
    room -= packed.value.count
    details.append(packed)
  }

  private static func errorInfo(_ error: DomainError) -> RPCErrorInfo {
    .with {
      $0.reason = error.reason.rawValue
      $0.domain = Reason.domain
      $0.metadata = error.metadata.mapValues { $0.clipped(toBytes: metadataBytesMax) }
    }
  }

  private static func badRequest(_ error: DomainError, room: Int) -> RPCBadRequest {
    let violations = error.violations.map { violation in
      RPCBadRequest.FieldViolation.with {
        $0.field = violation.field
        $0.description = violation.message
        $0.reason = violation.reason.rawValue
      }
    }
    return .with { $0.fieldViolations = fitting(violations, into: room) }
  }

  private static func preconditionFailure(_ error: DomainError, room: Int) -> RPCPreconditionFailure {
    let violations = error.obstacles.map { obstacle in
      RPCPreconditionFailure.Violation.with {
        $0.type = error.reason.rawValue
        $0.subject = obstacle.subject
        $0.description = obstacle.message
      }
    }
    return .with { $0.violations = fitting(violations, into: room) }
  }

  private static func resourceInfo(_ error: DomainError) -> RPCResourceInfo {
    .with {
      $0.resourceType = KindCatalog.current.kind(named: error.resource)?.resourceType ?? ""
      $0.resourceName = error.resource
    }
  }

  private static func quotaFailure(_ error: DomainError) -> RPCQuotaFailure {
    .with {
      $0.violations = [
        .with {
          $0.subject = error.resource
          $0.description = error.message.clipped(toBytes: messageBytesMax)
        }
      ]
    }
  }

  /// The first of the messages, as many as fit with a tag and a length each.
  private static func fitting<Message: ProtobufMessage>(_ messages: [Message], into room: Int) -> [Message] {
    var rest = room
    return Array(
      messages.prefix { message in
        // One that cannot be encoded does not fit anywhere.
        guard let bytes = try? message.serializedBytes() else { return false }
        rest -= bytes.count + 4
        return rest >= 0
      })
  }
}

extension String {
  /// The beginning of the text that fits, with an ellipsis if that is not all of it.
  fileprivate func clipped(toBytes count: Int) -> String {
    guard utf8.count > count else { return self }
    var rest = count - "…".utf8.count
    return prefix { character in
      rest -= character.utf8.count
      return rest >= 0
    } + "…"
  }
}

extension GRPCStatus.Code {
  fileprivate init(_ code: DomainError.Code) {
    self =
      switch code {
      case .cancelled: .cancelled
      case .invalidArgument: .invalidArgument
      case .notFound: .notFound
      case .alreadyExists: .alreadyExists
      case .failedPrecondition: .failedPrecondition
      case .aborted: .aborted
      case .outOfRange: .outOfRange
      case .resourceExhausted: .resourceExhausted
      case .unavailable: .unavailable
      case .unauthenticated: .unauthenticated
      case .permissionDenied: .permissionDenied
      }
  }
}

extension RPCStatus {
  /// What a refusal is to the caller of an import, in which it is one answer among others.
  init(_ error: DomainError) {
    let status = GRPCStatus(error)
    self.init()
    code = Int32(status.code.rawValue)
    message = status.message
    details = status.details
  }
}
