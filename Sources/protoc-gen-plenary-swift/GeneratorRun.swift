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
    /// The embedded descriptors: the C of them, and the Swift that reads it.
    case descriptorsC = "descriptors-c"
    case descriptors
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
      throw GeneratorError("say what to write, such as --plenary-swift_opt=emit=messages, not \"\(parameter)\"")
    }
    let files = try request.payloads(Request.protoFile).map(DescriptorReader.read)
    let index = try TypeIndex(files)
    let wanted = Set(request.strings(Request.fileToGenerate))
    let ownFiles = files.filter { wanted.contains($0.name) }
    for file in ownFiles where !file.isProto3 {
      throw GeneratorError("\(file.name): only proto3 is supported")
    }
    switch emission {
    case .messages:
      return try outputs(of: ownFiles.filter { !$0.messages.isEmpty || !$0.enums.isEmpty }, ".pb.swift") {
        try FileGenerator(file: $0, index: index).messages()
      }
    case .services:
      return try outputs(of: ownFiles.filter { !$0.services.isEmpty }, ".grpc.swift") {
        try FileGenerator(file: $0, index: index).services()
      }
    case .descriptors, .descriptorsC:
      guard let package = ownFiles.first?.package else { return [] }
      let generator = DescriptorSetGenerator(
        row: try PackageTable.row(of: package), files: files, ownFiles: ownFiles, index: index)
      return emission == .descriptors
        ? [Output(name: generator.swiftName, content: try generator.swift())]
        : [
          Output(name: generator.moduleMapName, content: generator.moduleMap()),
          Output(name: generator.headerName, content: generator.header()),
          Output(name: generator.sourceName, content: generator.source()),
        ] + [generator.comments().map { Output(name: generator.commentsName, content: $0) }].compactMap(\.self)
    }
  }

  private static func outputs(
    of files: [ProtoFile], _ suffix: String, _ content: (ProtoFile) throws -> String
  ) rethrows -> [Output] {
    var baseNames: Set<Substring> = []
    return try files.map { Output(name: outputName($0, &baseNames) + suffix, content: try content($0)) }
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
