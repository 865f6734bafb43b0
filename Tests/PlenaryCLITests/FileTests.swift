import Foundation
import PlenaryAPI
import ProtobufRuntime
import Testing

@testable import plenary

struct FileTests {
  private func refusal(of text: [UInt8]) async throws -> Failure? {
    var failure: Failure?
    try await withFolder { folder in
      let file = folder.appending(path: "b.json")
      try Data(text).write(to: file)
      failure = #expect(throws: Failure.self) { try InputFile(path: file.path).message(Bundle.self) }
      failure?.what.replace(folder.path + "/", with: "")
    }
    return failure
  }

  @Test(arguments: [
    ("", "b.json is empty; give a Bundle in JSON or YAML"),
    (" \n ", "b.json is empty; give a Bundle in JSON or YAML"),
    ("{\"records\":[\n {\"dialogue\":{", "b.json, line 2, column 15: a member's name in quotation marks belongs here"),
    (
      "{\"records\":[\n {\"dialogue\":{\"titel\":{}}}]}",
      "b.json, line 2, column 15, records[0].dialogue.titel: plenary.v1.Dialogue has no field \"titel\"; "
        + "did you mean \"title\"?"
    ),
    (
      "{\"records\":[{\"dialogue\":{\"format\":\"WORKSHP\"}}]}",
      "b.json, line 1, column 35, records[0].dialogue.format: plenary.v1.Dialogue.Format has no value \"WORKSHP\"; "
        + "did you mean \"WORKSHOP\"?"
    ),
    ("[]", "b.json, line 1, column 1: an object belongs here"),
    ("{} {}", "b.json, line 1, column 4: there is more text after the value"),
  ])
  func `a broken file is told with the place that is wrong`(_ text: String, _ message: String) async throws {
    let failure = try await refusal(of: Array(text.utf8))
    #expect(failure?.status == .invalid)
    #expect(failure?.text.hasPrefix("error: " + message) == true, "\(failure?.text ?? "")")
  }

  @Test func `bytes that are not UTF-8 are told with their place`() async throws {
    let failure = try await refusal(of: Array("{\"about\":\n\"".utf8) + [0xFF] + Array("\"}".utf8))
    #expect(failure?.text == "error: b.json, line 2, column 2: the text is not valid UTF-8")
  }

  @Test func `unknown fields are passed over when that is wanted`() async throws {
    try await withFolder { folder in
      let file = folder.appending(path: "b.json")
      try Data("{\"records\":[{\"theme\":{\"name\":\"themes/a\",\"colour\":\"red\"}}],\"more\":1}".utf8).write(to: file)
      let bundle = try InputFile(path: file.path).message(Bundle.self, ignoresUnknownFields: true)
      #expect(bundle.records.map(\.name) == ["themes/a"])
    }
  }

  @Test func `what is no file is not read`() async throws {
    try await withFolder { folder in
      let folderFailure = #expect(throws: Failure.self) { try InputFile(path: folder.path).message(Bundle.self) }
      #expect(folderFailure?.text == "error: \(folder.path) is a directory; name the files in it")
      let missing = folder.appending(path: "missing.json").path
      let missingFailure = #expect(throws: Failure.self) { try InputFile(path: missing).message(Bundle.self) }
      #expect(missingFailure?.text == "error: cannot read \(missing): No such file or directory")
      #expect([folderFailure?.status, missingFailure?.status] == [.usage, .usage])
    }
  }

  @Test func `a file that is too large is refused`() async throws {
    try await withFolder { folder in
      let file = folder.appending(path: "large.json")
      try Data().write(to: file)
      let handle = try FileHandle(forWritingTo: file)
      // A file of holes: it takes no room on the disk.
      try handle.truncate(atOffset: UInt64(InputFile.byteCountMax) + 1)
      try handle.close()
      let failure = #expect(throws: Failure.self) { try InputFile(path: file.path).message(Bundle.self) }
      #expect(failure?.status == .invalid)
      #expect(failure?.what == "\(file.path) has more than 512 MiB, which no import takes")
    }
  }

  @Test func `a file takes its place when it is whole`() async throws {
    try await withFolder { folder in
      let file = folder.appending(path: "out.json")
      for text in ["old", "new"] {
        try await OutputFile.write(file.path) { append in
          try append(Array(text.utf8))
          #expect(FileManager.default.fileExists(atPath: file.path) == (text == "new"))
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == text)
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["out.json"])
    }
  }

  @Test func `a file that could not be finished leaves the old one alone`() async throws {
    struct Stop: Error {}
    try await withFolder { folder in
      let file = folder.appending(path: "out.json")
      try Data("old".utf8).write(to: file)
      await #expect(throws: Stop.self) {
        try await OutputFile.write(file.path) { append in
          try append(Array("half".utf8))
          throw Stop()
        }
      }
      #expect(try String(contentsOf: file, encoding: .utf8) == "old")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["out.json"])
    }
  }

  @Test func `what is no file is written to and left where it is`() async throws {
    try await withFolder { folder in
      let link = folder.appending(path: "link.json")
      let file = folder.appending(path: "real.json")
      try Data("old".utf8).write(to: file)
      try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: file.path)
      try FileManager.default.createSymbolicLink(atPath: link.path, withDestinationPath: file.path)
      try await OutputFile.write(link.path) { try $0(Array("new".utf8)) }
      #expect(try String(contentsOf: file, encoding: .utf8) == "new")
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link.path) == file.path)
      #expect(try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int == 0o640)

      let device = folder.appending(path: "device").path
      try FileManager.default.createSymbolicLink(atPath: device, withDestinationPath: "/dev/null")
      try await OutputFile.write(device) { try $0(Array("gone".utf8)) }
      #expect(
        try FileManager.default.attributesOfItem(atPath: "/dev/null")[.type] as? FileAttributeType
          == .typeCharacterSpecial)

      let fresh = folder.appending(path: "fresh.json")
      try await OutputFile.write(fresh.path) { try $0([]) }
      #expect(try FileManager.default.attributesOfItem(atPath: fresh.path)[.posixPermissions] as? Int == 0o600)
    }
  }

  @Test func `a place that cannot be written is told`() async throws {
    try await withFolder { folder in
      let directory = await #expect(throws: Failure.self) { try await OutputFile.write(folder.path) { _ in } }
      #expect(directory?.text == "error: cannot write \(folder.path): it is a directory; name a file in it")
      let path = folder.path + "/none/out.json"
      let missing = await #expect(throws: Failure.self) { try await OutputFile.write(path) { _ in } }
      #expect(missing?.text == "error: cannot write \(path): No such file or directory")
    }
  }

  @Test func `a bundle written record by record has the bytes of the whole`() throws {
    let records = try Example.records()
    for count in [0, 1, records.count] {
      let bundle = Bundle.with { $0.records = Array(records.prefix(count)) }
      var text = RecordListText(.json, member: "records")
      var bytes: [UInt8] = []
      for record in bundle.records { bytes += try text.next(record) }
      bytes += text.end()
      let whole = try ProtoJSON.string(bundle, options: .pretty) + "\n"
      #expect(String(decoding: bytes, as: UTF8.self) == whole)
    }
  }
}
