import Foundation
import ProtobufRuntime
import Testing

@testable import dev

/// The reference implementation of protobuf, asked through Python.
enum Reference {
  /// A message to ask about, encoded, as ProtoJSON, or both.
  struct Question: Encodable {
    var type: String
    var binary: Data?
    var json: String?

    init(_ type: any ProtobufMessage.Type, binary: [UInt8]? = nil, json: String? = nil) {
      self.type = type.descriptor.fullName
      self.binary = binary.map { Data($0) }
      self.json = json
    }
  }

  /// What the reference implementation makes of it.
  struct Answer: Decodable {
    /// The binary, decoded and encoded again.
    var fromBinary: Data?
    var binaryError: String?
    /// The ProtoJSON of the binary.
    var json: String?
    /// Where that differs from the JSON of the question in more than order and spelling.
    var jsonDifference: String?
    /// The JSON of the question, read and encoded.
    var fromJSON: Data?
    var jsonError: String?
  }

  private struct Request: Encodable {
    var protos: [String]
    var cases: [Question]
  }

  static let checkout = Checkout(
    root: URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardizedFileURL)

  /// Asks all at once, since most of the time goes into starting Python.
  static func answers(to questions: [Question]) throws -> [Answer] {
    guard checkout.exists(".build/venv/bin/python") else {
      throw Failure("the reference implementation is not here yet: run `swift run dev bootstrap` first")
    }
    let file = FileManager.default.temporaryDirectory.appending(path: "plenary-reference-\(UUID().uuidString).json")
    let request = Request(
      protos: ["plenary/v1/bundle.proto", "golden/v1/shapes.proto"], cases: questions)
    try JSONEncoder().encode(request).write(to: file)
    defer { #expect(throws: Never.self) { try FileManager.default.removeItem(at: file) } }
    let output = try ChildProcess.output(
      of: checkout.python("python"),
      ["Tests/ProtobufRuntimeTests/python/reference.py", file.path]
        + ProtoTools.importRoots(in: checkout).filter { !$0.hasPrefix("/usr") },
      in: checkout)
    guard output.exitCode == 0 else { throw Failure("reference.py failed with exit code \(output.exitCode)") }
    return try JSONDecoder().decode([Answer].self, from: Data(output.text.utf8))
  }
}
