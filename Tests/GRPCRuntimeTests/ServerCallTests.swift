import GRPCRuntime
import GRPCTestKit
import HTTP2
import NIOPosix
import ProtobufRuntime
import Synchronization
import Testing
import TestProtos

/// One call on the server: where its handler runs, and how it ends.
@Suite(.timeLimit(.minutes(10))) struct ServerCallTests {
  @Test func `a handler starts on its connection's event loop and resumes there`() async throws {
    let loops = Mutex<[ObjectIdentifier?]>([])
    let note: @Sendable () -> Void = {
      let loop = MultiThreadedEventLoopGroup.currentEventLoop
      loops.withLock { $0.append(loop.map(ObjectIdentifier.init)) }
    }
    let router = Router.saying { request, _ in
      note()
      await elsewhere()
      note()
      return request
    }
    try await LoopbackServer.run(router) { loopback in
      try await loopback.withChannel { channel in
        _ = try await channel.unary(KitEchoDefinition.say, KitEchoMsg())
      }
    }
    let seen = loops.withLock { $0 }
    #expect(seen.count == 2)
    #expect(seen[0] != nil)
    #expect(seen[0] == seen[1])
  }

  @Test func `a deadline cancels the handler and answers for it`() async throws {
    let started = Gate()
    let cancelled = Gate()
    let router = Router.saying { request, context in
      #expect(context.timeRemaining == .seconds(5))
      started.open()
      await cancelled.waitForCancellation()
      return request
    }
    try await LoopbackServer.run(router) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      var headers = sayHeaders
      headers.append("grpc-timeout", "5S")
      async let answer = client.exchange(headers, body: emptyMessage)
      await started.wait()
      await loopback.clock.waitForTimer(due: .seconds(5))
      loopback.clock.advance(by: .seconds(5))
      #expect(try await answer.trailer("grpc-status") == "4")
      await cancelled.wait()
      await client.close()
    }
  }

  @Test func `a deadline that has passed starts no handler`() async throws {
    let router = Router.saying { request, _ in
      Issue.record("the handler ran")
      return request
    }
    try await LoopbackServer.run(router) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      var headers = sayHeaders
      headers.append("grpc-timeout", "0n")
      #expect(try await client.exchange(headers, body: emptyMessage).trailer("grpc-status") == "4")
      await client.close()
    }
  }

  @Test func `a call that ends in time leaves only the timer of its connection`() async throws {
    let router = Router.saying { request, _ in request }
    try await LoopbackServer.run(router) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      var headers = sayHeaders
      headers.append("grpc-timeout", "5S")
      #expect(try await client.exchange(headers, body: emptyMessage).trailer("grpc-status") == "0")
      #expect(loopback.clock.timerCount == 1)
      await client.close()
    }
  }

  @Test(arguments: [HTTP2ErrorCode.cancel, .noError, .internalError])
  func `a reset by the caller cancels the handler`(code: HTTP2ErrorCode) async throws {
    let started = Gate()
    let cancelled = Gate()
    let router = Router.saying { request, _ in
      started.open()
      await cancelled.waitForCancellation()
      return request
    }
    try await LoopbackServer.run(router) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      let stream = try await client.begin(sayHeaders, body: emptyMessage, endStream: true)
      await started.wait()
      stream.reset(code)
      await cancelled.wait()
      await client.close()
    }
  }

  @Test func `losing the connection cancels its handlers, whatever they wait for`() async throws {
    let started = [Gate(), Gate(), Gate()]
    let ended = [Gate(), Gate(), Gate()]
    let codes = Mutex<[GRPCStatus.Code]>([])
    var router = Router.saying { request, _ in
      started[0].open()
      await ended[0].waitForCancellation()
      return request
    }
    router.register(KitEchoDefinition.upload) { requests, _ in
      started[1].open()
      defer { ended[1].open() }
      do {
        for try await _ in requests {}
      } catch let status as GRPCStatus {
        codes.withLock { $0.append(status.code) }
      }
      return KitEchoMsg()
    }
    router.register(KitEchoDefinition.stream) { (_: KitBigMsg, responses, _) in
      defer { ended[2].open() }
      do {
        while true {
          try await responses.write(KitEchoMsg.with { $0.blob = [UInt8](repeating: 0, count: 100_000) })
          started[2].open()
        }
      } catch let status as GRPCStatus {
        codes.withLock { $0.append(status.code) }
      }
    }
    try await LoopbackServer.run(router) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      _ = try await client.begin(sayHeaders, body: emptyMessage, endStream: true)
      _ = try await client.begin(headers("Upload"))
      _ = try await client.begin(headers("Stream"), body: emptyMessage, endStream: true, reads: false)
      for gate in started { await gate.wait() }
      await client.close()
      for gate in ended { await gate.wait() }
    }
    #expect(codes.withLock { $0 } == [.cancelled, .cancelled])
  }

  @Test func `a handler that writes faster than its caller reads has to wait`() async throws {
    let written = Mutex(0)
    let ended = Gate()
    var configuration = ServerConfiguration()
    configuration.callQueueBytesMax = 10_000
    var router = Router()
    router.register(KitEchoDefinition.stream) { (_: KitBigMsg, responses, _) in
      defer { ended.open() }
      while true {
        try await responses.write(KitEchoMsg.with { $0.blob = [UInt8](repeating: 0, count: 1000) })
        written.withLock { $0 += 1 }
      }
    }
    try await LoopbackServer.run(router, configuration: configuration) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      let stream = try await client.begin(headers("Stream"), body: emptyMessage, endStream: true, reads: false)
      await stream.waitForHeaders()
      // Another call on the same connection is answered while this one stands.
      let answer = try await client.exchange(headers("Nothing"), body: emptyMessage)
      #expect(answer.trailer("grpc-status") == "12")
      stream.reset(.cancel)
      await ended.wait()
      await client.close()
    }
    // The client's window of 256 KiB, what may be queued, and the message that went over it.
    let bytes = written.withLock { $0 } * 1000
    #expect(bytes <= 256 * 1024 + 10_000 + 2000)
  }

  @Test func `a caller that writes faster than its handler reads has to wait`() async throws {
    let mayRead = Gate()
    var configuration = ServerConfiguration()
    configuration.callWindowBytes = 65_535
    var router = Router()
    router.register(KitEchoDefinition.upload) { requests, _ in
      await mayRead.wait()
      var total: Int64 = 0
      for try await request in requests { total += Int64(request.blob.count) }
      return KitEchoMsg.with { $0.n = total }
    }
    router.register(KitEchoDefinition.say) { request, _ in request }
    try await LoopbackServer.run(router, configuration: configuration) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      let message = try frame(KitEchoMsg.with { $0.blob = [UInt8](repeating: 1, count: 997) })
      let stream = try await client.begin(headers("Upload"))
      for _ in 0..<200 { try await stream.send(message) }
      // A whole round trip later, the first call still stands at its window.
      #expect(try await client.exchange(sayHeaders, body: emptyMessage).trailer("grpc-status") == "0")
      #expect(try await stream.queuedBytes() >= 200 * message.count - 65_535)
      mayRead.open()
      try await stream.send([], endStream: true)
      let answer = await stream.answer()
      #expect(answer.trailer("grpc-status") == "0")
      await client.close()
    }
  }

  @Test func `handlers that run on after a reset keep their place among the calls`() async throws {
    let mayEnd = Gate()
    let started = Mutex(0)
    var configuration = ServerConfiguration()
    configuration.concurrentCallsMax = 2
    let router = Router.saying { request, _ in
      started.withLock { $0 += 1 }
      await mayEnd.wait()
      return request
    }
    try await LoopbackServer.run(router, configuration: configuration) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      for _ in 0..<2 {
        let stream = try await client.begin(sayHeaders, body: emptyMessage, endStream: true)
        stream.reset(.cancel)
        _ = await stream.answer()
      }
      let refused = try await client.exchange(sayHeaders, body: emptyMessage)
      #expect(refused.closure == HTTP2StreamClosure(.peer, .refusedStream))
      #expect(started.withLock { $0 } == 2)
      mayEnd.open()
      // The handlers end on the server's event loop, which may see the next call first and refuse that one too.
      var answer = refused
      while answer.closure == refused.closure {
        answer = try await client.exchange(headers("Nothing"), body: emptyMessage)
      }
      #expect(answer.trailer("grpc-status") == "12")
      await client.close()
    }
  }

  @Test func `a handler may send its headers early and its answer late`() async throws {
    let mayAnswer = Gate()
    let router = Router.saying { request, context in
      try context.initialMetadata.append("now", for: "early")
      context.sendInitialMetadata()
      await mayAnswer.wait()
      return request
    }
    try await LoopbackServer.run(router) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      let stream = try await client.begin(sayHeaders, body: emptyMessage, endStream: true)
      await stream.waitForHeaders()
      mayAnswer.open()
      let answer = await stream.answer()
      #expect(answer.header("early") == "now")
      #expect(answer.trailer("grpc-status") == "0")
      await client.close()
    }
  }

  @Test func `a handler may write from tasks of its own on other threads`() async throws {
    var router = Router()
    router.register(KitEchoDefinition.stream) { request, responses, _ in
      let count = request.count
      await withTaskGroup { group in
        for index in 0..<count {
          group.addTask(executorPreference: globalConcurrentExecutor) {
            // The call goes on to its end, so no write fails.
            try? await responses.write(KitEchoMsg.with { $0.n = Int64(index) })
          }
        }
      }
    }
    try await LoopbackServer.run(router) { loopback in
      try await loopback.withChannel { channel in
        var sum: Int64 = 0
        for try await message in try KitEchoClient(channel).stream(KitBigMsg.with { $0.count = 1000 }) {
          sum += message.n
        }
        #expect(sum == 499_500)
      }
    }
  }
}

/// Suspends, and resumes from another thread.
private func elsewhere() async {
  await withCheckedContinuation { continuation in
    Task.detached { continuation.resume() }
  }
}
