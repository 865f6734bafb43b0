import GRPCTestKit
import HTTP2
import Testing

// Under a sanitizer nothing is kept.
#if !SANITIZED
  /// What sessions of one event loop keep for the next request.
  struct MemoryTests {
    private static let fields: HTTP2HeaderList = [
      ":method": "POST", ":scheme": "http", ":path": "/kit.v1.Echo/Say", ":authority": "localhost",
    ]

    /// Opens streams on a pipe, and resets all of them.
    private func openAndReset(_ count: Int, on pipe: LoopbackPipe) throws {
      let recorder = pipe.clientEvents.recorder(of: 0)
      let streams = try (0..<count).map { _ in
        try pipe.client.submitRequest(Self.fields, endStream: false, delegate: recorder)
      }
      try pipe.settle()
      for stream in streams { pipe.client.reset(stream, .cancel) }
      try pipe.settle()
      #expect(pipe.server.openStreams == 0)
    }

    private func pipe(_ memory: HTTP2Memory) throws -> LoopbackPipe {
      var server = HTTP2Configuration()
      server.concurrentStreamsMax = 20_000
      server.abuse.resets = .init(burst: 100_000, perSecond: 100_000)
      let pipe = LoopbackPipe(server: server, serverMemory: memory)
      try pipe.settle()
      return pipe
    }

    @Test func `what one request gave back serves the next`() throws {
      let memory = HTTP2Memory()
      let pipe = try pipe(memory)
      try openAndReset(10, on: pipe)
      let kept = memory.keptBytes
      #expect(kept > 0)
      for _ in 0..<5 { try openAndReset(10, on: pipe) }
      #expect(memory.keptBytes == kept)
    }

    @Test func `no more is kept than the limit`() throws {
      let memory = HTTP2Memory()
      let pipe = try pipe(memory)
      try openAndReset(100, on: pipe)
      #expect(memory.keptBytes < HTTP2Memory.keptBytesMax / 2)
      try openAndReset(8000, on: pipe)
      // The next block would have been one too many, and none is longer than a kilobyte.
      #expect(memory.keptBytes <= HTTP2Memory.keptBytesMax)
      #expect(memory.keptBytes > HTTP2Memory.keptBytesMax - 1024)
    }

    @Test func `a session that ends leaves what others use`() throws {
      let memory = HTTP2Memory()
      let staying = try pipe(memory)
      try openAndReset(10, on: staying)
      var kept = memory.keptBytes
      do {
        let leaving = try pipe(memory)
        try openAndReset(5, on: leaving)
        _ = try leaving.client.submitRequest(
          Self.fields, endStream: false, delegate: leaving.clientEvents.recorder(of: 0))
        try leaving.settle()
        #expect(leaving.server.openStreams == 1)
        kept = memory.keptBytes
      }
      #expect(memory.keptBytes == kept)
      try openAndReset(10, on: staying)
    }
  }
#endif
