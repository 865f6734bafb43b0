import Foundation
import GoldenProtos
import GoogleAPI
import ProtobufRuntime
import Testing

/// What the limits allow must fit on the stacks of threads: calls of a server run on its event loops, JSON is read and
/// written by programs that have 8 MiB. These are debug builds, whose frames are many times those of a release.
@Suite struct SmallStackTests {
  private static let messageStackBytes = 1024 * 1024
  private static let jsonStackBytes = 4 * 1024 * 1024

  @Test func `the deepest message that is allowed is decoded and encoded on a small stack`() async throws {
    let bytes = Wire.nested(1, depth: 100)
    let outcome = await Self.onStack(of: Self.messageStackBytes) {
      try GoldenTree(serializedBytes: bytes).serializedBytes()
    }
    #expect(try outcome.get() == bytes)
  }

  @Test func `the deepest message in parts is joined on a small stack`() async throws {
    let bytes = Wire.nested(1, depth: 100)
    let outcome = await Self.onStack(of: Self.messageStackBytes) {
      try GoldenTree(serializedBytes: bytes + bytes).serializedBytes()
    }
    #expect(try outcome.get() == bytes)
  }

  @Test func `the deepest message that is allowed is written as JSON on half a stack`() async throws {
    let bytes = Wire.nested(1, depth: 100)
    let outcome = await Self.onStack(of: Self.jsonStackBytes) {
      try ProtoJSON.encode(try GoldenTree(serializedBytes: bytes))
    }
    #expect(try outcome.get().count == 101 * #"{"left":}"#.utf8.count - #""left":"#.utf8.count)
  }

  @Test func `the deepest JSON that is allowed is read on half a stack`() async throws {
    let text = Array((String(repeating: "[", count: 100) + String(repeating: "]", count: 100)).utf8)
    let outcome = await Self.onStack(of: Self.jsonStackBytes) { () throws -> [UInt8] in
      let value: ProtobufValue = try ProtoJSON.decode(from: text)
      return value.kind == nil ? [] : text
    }
    #expect(try outcome.get() == text)
  }

  private static func onStack(
    of byteCount: Int, _ body: @escaping @Sendable () throws -> [UInt8]
  ) async -> Result<[UInt8], any Error> {
    await withCheckedContinuation { continuation in
      let thread = Thread { continuation.resume(returning: Result { try body() }) }
      thread.stackSize = byteCount
      thread.start()
    }
  }
}
