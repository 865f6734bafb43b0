// What a refusal of the registry says to a program.

extension GRPCStatus {
  /// The rule that was broken, such as `ETAG_MISMATCH`; nil if the status is not the registry's.
  public var reason: String? { errorInfo?.reason }

  /// The rule that was broken, with the parts of the message that vary.
  public var errorInfo: RPCErrorInfo? { detail(RPCErrorInfo.self) }

  /// The fields of the request that are not as they must be.
  public var fieldViolations: [RPCBadRequest.FieldViolation] { detail(RPCBadRequest.self)?.fieldViolations ?? [] }

  /// The detail of a type, if there is one; each type occurs at most once.
  public func detail<Message: ProtobufMessage>(_ type: Message.Type) -> Message? {
    guard let packed = details.first(where: { $0.holds(type) }) else { return nil }
    // A detail that cannot be read must not hide the status.
    return try? packed.unpacked(as: type)
  }
}

extension GRPCStatus {
  /// The status that one record of an import was given.
  public init(_ status: RPCStatus) {
    self.init(Code(rawValue: Int(status.code)), status.message, details: status.details, origin: .peer)
  }
}
