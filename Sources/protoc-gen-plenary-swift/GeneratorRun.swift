/// One run as a protoc plugin: a CodeGeneratorRequest in, a CodeGeneratorResponse out.
enum GeneratorRun {
  // Field numbers of plugin.proto.
  private enum Request {
    static let fileToGenerate = 1
    static let parameter = 2
    static let protoFile = 15
  }
  private enum Response {
    static let error = 1
    static let supportedFeatures = 2
    static let file = 15
    static let fileName = 1
    static let fileContent = 15
  }
  private static let proto3OptionalFeature = 1

  /// What a run writes: `--plenary-swift_opt=emit=…`.
  private enum Emission: String {
    case messages, services
  }

  static func respond(to request: [UInt8]) -> [UInt8] {
    var response = WireMessage()
    response.append(Response.supportedFeatures, proto3OptionalFeature)
    do {
      for output in try outputs(of: WireMessage(request)) {
        var file = WireMessage()
        file.append(Response.fileName, output.name)
        file.append(Response.fileContent, output.content)
        response.append(Response.file, file.bytes)
      }
    } catch {
      response.append(Response.error, "\(error)")
    }
    return response.bytes
  }

  private struct Output {
    let name: String
    let content: String
  }

  private static func outputs(of request: WireMessage) throws -> [Output] {
    let parameter = request.string(Request.parameter)
    guard parameter.hasPrefix("emit="), let emission = Emission(rawValue: String(parameter.dropFirst(5))) else {
      throw GeneratorError("say what to write with --plenary-swift_opt=emit=messages, not \"\(parameter)\"")
    }
    let files = try request.payloads(Request.protoFile).map(DescriptorReader.read)
    let index = try TypeIndex(files)
    let wanted = Set(request.strings(Request.fileToGenerate))
    var baseNames: Set<Substring> = []
    return try files.filter { wanted.contains($0.name) }.compactMap { file in
      guard file.isProto3 else { throw GeneratorError("\(file.name): only proto3 is supported") }
      let name = outputName(file, &baseNames)
      switch emission {
      case .messages:
        guard !file.messages.isEmpty || !file.enums.isEmpty else { return nil }
        return Output(name: name + ".pb.swift", content: try FileGenerator(file: file, index: index).messages())
      case .services:
        guard !file.services.isEmpty else { return nil }
        return Output(name: name + ".grpc.swift", content: try FileGenerator(file: file, index: index).services())
      }
    }
  }

  /// The proto's path; where two of a run share their last part, which no Swift module may have twice, the second
  /// one gets its folder's name in front.
  private static func outputName(_ file: ProtoFile, _ baseNames: inout Set<Substring>) -> String {
    let path = file.name.dropLast(".proto".count).split(separator: "/")
    let folders = path.dropLast()
    guard let base = path.last, !baseNames.insert(base).inserted, let folder = folders.last else {
      return path.joined(separator: "/")
    }
    return (folders + ["\(folder)_\(base)"]).joined(separator: "/")
  }
}
