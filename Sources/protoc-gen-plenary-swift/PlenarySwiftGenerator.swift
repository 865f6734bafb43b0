internal import Foundation

/// `protoc-gen-plenary-swift`: a protoc plugin, and with the argument `rewrite` a filter that prepares a descriptor
/// set for protoc-c.
@main
enum PlenarySwiftGenerator {
  static func main() {
    do {
      let input = try FileHandle.standardInput.readToEnd().map(Array.init) ?? []
      let output: [UInt8]
      switch CommandLine.arguments.dropFirst() {
      case []: output = GeneratorRun.respond(to: input)
      case ["rewrite"]: output = try DescriptorRewriter.rewrite(input)
      default: throw GeneratorError("usage: protoc-gen-plenary-swift [rewrite], input on standard input")
      }
      try FileHandle.standardOutput.write(contentsOf: Data(output))
    } catch {
      FileHandle.standardError.write(Data("protoc-gen-plenary-swift: \(error)\n".utf8))
      exit(1)
    }
  }
}
