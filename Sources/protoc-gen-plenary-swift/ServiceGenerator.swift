/// Writes the Swift of one service: its methods, the protocol of its implementation, its registration, its client.
struct ServiceGenerator {
  let service: ProtoService
  let index: TypeIndex
  let swiftName: String
  let standard: StandardMethods?

  init(_ service: ProtoService, _ row: PackageRow, _ index: TypeIndex) throws {
    self.service = service
    self.index = index
    swiftName = row.typePrefix + service.name
    standard = try StandardMethods(of: service, index)
    var names: Set<String> = []
    for name in service.methods.map(name(of:)) where !names.insert(name).inserted {
      throw GeneratorError("\(service.fullName): two methods would be named \(name)")
    }
  }

  func write(to printer: inout Printer) throws {
    try writeDefinition(to: &printer)
    if !ownMethods.isEmpty {
      try writeProtocol(to: &printer)
      writeRegistration(to: &printer)
    }
    try writeClient(to: &printer)
  }

  private var definition: String { "\(swiftName)Definition" }

  /// The methods that are written for this service alone.
  private var ownMethods: [ProtoMethod] { service.methods.filter { standard?.contains($0) != true } }

  /// What generic code can do with the service.
  private var conformance: String {
    guard let standard else { return "" }
    return standard.further == nil ? ": ResourceServiceDefinition" : ": CompleteServiceDefinition"
  }

  private func writeDefinition(to printer: inout Printer) throws {
    printer.print()
    printer.doc("", or: "The methods of `\(service.fullName)`.")
    try printer.block("public enum \(definition)\(conformance) {") { printer in
      printer.print("/// The full name, as it stands in paths.")
      printer.print("public static let serviceName = \"\(service.fullName)\"")
      for method in service.methods {
        printer.print()
        printer.doc(method.comment, or: "`\(method.name)`.")
        printer.print("public static let \(declaredName(of: method)) = \(try types(of: method))(")
        printer.print(
          "  service: \"\(service.fullName)\", method: \"\(method.name)\", kind: .\(method.kind))")
      }
      if let standard { try writeStandardMethods(standard, to: &printer) }
    }
  }

  private func types(of method: ProtoMethod) throws -> String {
    "MethodDescriptor<\(try index[method.inputName].swiftName), \(try index[method.outputName].swiftName)>"
  }

  private func writeStandardMethods(_ standard: StandardMethods, to printer: inout Printer) throws {
    let roles = [
      ("get", standard.get), ("list", standard.list), ("create", standard.create), ("update", standard.update),
      ("delete", standard.delete),
    ]
    let all = roles + (standard.further?.roles ?? [])
    for (role, method) in all {
      printer.print()
      printer.print("/// The standard method of this name.")
      printer.print("public static var \(role): \(try types(of: method)) { \(name(of: method)) }")
    }
    printer.print()
    printer.print("/// The methods that move a resource from one state to another.")
    printer.block("public static var transitions: [any TransitionMethod] {") { printer in
      guard !standard.transitions.isEmpty else { return printer.print("[]") }
      printer.print("[")
      for method in standard.transitions { printer.print("  \(name(of: method)),") }
      printer.print("]")
    }
  }

  private func writeProtocol(to printer: inout Printer) throws {
    printer.print()
    printer.doc(service.comment, or: "An implementation of `\(service.fullName)`.")
    if standard != nil {
      printer.print("///")
      printer.print("/// The standard methods and the transitions are not here: one implementation serves those of")
      printer.print("/// every kind.")
    }
    try printer.block("public protocol \(swiftName): Sendable {") { printer in
      for (position, method) in ownMethods.enumerated() {
        if position > 0 { printer.print() }
        printer.doc(method.comment, or: "`\(method.name)`.")
        printer.print("func \(declaredName(of: method))(\(try signature(of: method))")
      }
    }
  }

  /// Everything behind the opening parenthesis: the proto's signature, then the call's context.
  private func signature(of method: ProtoMethod) throws -> String {
    let input = try index[method.inputName].swiftName
    let output = try index[method.outputName].swiftName
    return switch method.kind {
    case .unary: "_ request: \(input), context: CallContext) async throws -> \(output)"
    case .serverStreaming:
      "_ request: \(input), responses: ResponseWriter<\(output)>, context: CallContext) async throws"
    case .clientStreaming: "_ requests: RequestStream<\(input)>, context: CallContext) async throws -> \(output)"
    case .bidirectional:
      "_ requests: RequestStream<\(input)>, responses: ResponseWriter<\(output)>, context: CallContext) async throws"
    }
  }

  private func writeRegistration(to printer: inout Printer) {
    printer.print()
    printer.block("extension Router {") { printer in
      printer.print(
        "/// Lets `service` answer the methods of `\(service.fullName)`\(standard == nil ? "." : " that are its own.")")
      printer.block("public mutating func register(\(SwiftNaming.label(swiftName)) service: some \(swiftName)) {") {
        printer in
        for method in ownMethods {
          let name = name(of: method)
          let arguments =
            switch method.kind {
            case .unary, .clientStreaming: "$0, context: $1"
            case .serverStreaming, .bidirectional: "$0, responses: $1, context: $2"
            }
          printer.print(
            "register(\(definition).\(name), \(method.kind): { try await service.\(name)(\(arguments)) })")
        }
      }
    }
  }

  private func writeClient(to printer: inout Printer) throws {
    printer.print()
    printer.print("/// Calls the methods of `\(service.fullName)`.")
    try printer.block("public struct \(swiftName)Client: Sendable {") { printer in
      printer.print("/// Where the calls go.")
      printer.print("public let channel: GRPCChannel")
      printer.print()
      printer.print("/// Calls over `channel`, which the caller keeps and closes.")
      printer.print("public init(_ channel: GRPCChannel) { self.channel = channel }")
      for method in service.methods {
        printer.print()
        printer.doc(method.comment, or: "`\(method.name)`.")
        try writeCall(of: method, to: &printer)
      }
    }
  }

  private func writeCall(of method: ProtoMethod, to printer: inout Printer) throws {
    let input = try index[method.inputName].swiftName
    let output = try index[method.outputName].swiftName
    let function = declaredName(of: method)
    let descriptor = "\(definition).\(name(of: method))"
    let isolation = "isolation: isolated (any Actor)? = #isolation,"
    switch method.kind {
    case .unary, .serverStreaming:
      let effects =
        method.kind == .unary
        ? "async throws(GRPCStatus) -> \(output)" : "throws(GRPCStatus) -> ResponseStream<\(output)>"
      printer.print("public func \(function)(")
      printer.print("  _ request: \(input), options: CallOptions = CallOptions()")
      printer.block(") \(effects) {") {
        $0.print(
          "\(method.kind == .unary ? "try await" : "try") channel.\(method.kind)(\(descriptor), request, options: options)"
        )
      }
    case .clientStreaming:
      printer.print("public func \(function)(")
      printer.print("  options: CallOptions = CallOptions(), \(isolation)")
      printer.print("  _ body: (RequestWriter<\(input)>) async throws -> Void")
      printer.block(") async throws -> \(output) {") {
        $0.print("try await channel.clientStreaming(\(descriptor), options: options, isolation: isolation, body)")
      }
    case .bidirectional:
      printer.print("public func \(function)<Result>(")
      printer.print("  options: CallOptions = CallOptions(), \(isolation)")
      printer.print("  _ body: (RequestWriter<\(input)>, ResponseStream<\(output)>) async throws -> Result")
      printer.block(") async throws -> Result {") {
        $0.print("try await channel.bidirectional(\(descriptor), options: options, isolation: isolation, body)")
      }
    }
  }

  private func name(of method: ProtoMethod) -> String { SwiftNaming.method(method.name) }
  private func declaredName(of method: ProtoMethod) -> String { SwiftNaming.declared(name(of: method)) }
}

extension ProtoMethod {
  /// `GRPCRuntime.MethodKind`, by the names of its cases.
  enum Kind: String {
    case unary, clientStreaming, serverStreaming, bidirectional
  }

  var kind: Kind {
    switch (streamsRequests, streamsResponses) {
    case (false, false): .unary
    case (true, false): .clientStreaming
    case (false, true): .serverStreaming
    case (true, true): .bidirectional
    }
  }
}
