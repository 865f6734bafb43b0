import GRPCRuntime
import GRPCTestKit
import GoldenProtos
import GoogleAPI
import ProtobufRuntime
import Testing

/// The generated service protocol, its registration and its client, over the loopback interface.
@Suite(.timeLimit(.minutes(10))) struct GeneratedServiceTests {
  @Test func `the four kinds of calls arrive where the proto says`() async throws {
    var router = Router()
    router.register(goldenCalls: Calls())
    try await LoopbackServer.run(router) { loopback in
      try await loopback.withChannel { channel in
        let calls = GoldenCallsClient(channel)

        for sample in GoldenSamples.all { #expect(try await calls.echo(sample) == sample) }

        var counted: [Int32] = []
        for try await response in try calls.count(GoldenCountRequest.with { $0.count = 50 }) {
          counted.append(response.number)
        }
        #expect(counted == Array(0..<50))

        let sum = try await calls.sum { requests in
          for number in 1...10 { try await requests.write(GoldenCountResponse.with { $0.number = Int32(number) }) }
        }
        #expect(sum.number == 55)

        let negated = try await calls.negate { requests, responses in
          var answers: [Int32] = []
          var iterator = responses.makeAsyncIterator()
          for number in 1...5 {
            try await requests.write(GoldenCountResponse.with { $0.number = Int32(number) })
            answers.append(try #require(try await iterator.next()).number)
          }
          requests.finish()
          #expect(try await iterator.next() == nil)
          return answers
        }
        #expect(negated == [-1, -2, -3, -4, -5])
      }
    }
  }

  @Test func `methods whose names are words of Swift can be called`() async throws {
    var router = Router()
    router.register(goldenCalls: Calls())
    try await LoopbackServer.run(router) { loopback in
      try await loopback.withChannel { channel in
        let calls = GoldenCallsClient(channel)
        let request = GoldenCountRequest.with { $0.count = 7 }
        let rest = try await calls.rest(ProtobufEmpty())
        let numbers = [try await calls.default(request).number, try await calls.init_(request).number]
        #expect(rest == ProtobufEmpty())
        #expect(numbers == [7, 7])
      }
    }
  }

  @Test func `a resource's own method is registered, its standard ones are left to generic code`() async throws {
    var router = Router()
    router.register(goldenShelfService: Shelves())
    try await LoopbackServer.run(router) { loopback in
      try await loopback.withChannel { channel in
        let shelves = GoldenShelfServiceClient(channel)
        let sorted = try await shelves.sortShelf(GoldenSortShelfRequest.with { $0.name = "s" })
        #expect(sorted.name == "s")
        await #expect {
          try await shelves.getShelf(GoldenGetShelfRequest())
        } throws: { error in
          (error as? GRPCStatus)?.code == .unimplemented
        }
      }
    }
  }

  private struct Calls: GoldenCalls {
    func echo(_ request: GoldenEverything, context: CallContext) async throws -> GoldenEverything { request }

    func count(
      _ request: GoldenCountRequest, responses: ResponseWriter<GoldenCountResponse>, context: CallContext
    ) async throws {
      for number in 0..<request.count { try await responses.write(GoldenCountResponse.with { $0.number = number }) }
    }

    func sum(
      _ requests: RequestStream<GoldenCountResponse>, context: CallContext
    ) async throws -> GoldenCountResponse {
      var sum = GoldenCountResponse()
      for try await request in requests { sum.number += request.number }
      return sum
    }

    func negate(
      _ requests: RequestStream<GoldenCountResponse>, responses: ResponseWriter<GoldenCountResponse>,
      context: CallContext
    ) async throws {
      for try await request in requests {
        try await responses.write(GoldenCountResponse.with { $0.number = -request.number })
      }
    }

    func rest(_ request: ProtobufEmpty, context: CallContext) async throws -> ProtobufEmpty { request }

    func `default`(_ request: GoldenCountRequest, context: CallContext) async throws -> GoldenCountResponse {
      GoldenCountResponse.with { $0.number = request.count }
    }

    func init_(_ request: GoldenCountRequest, context: CallContext) async throws -> GoldenCountResponse {
      GoldenCountResponse.with { $0.number = request.count }
    }
  }

  private struct Shelves: GoldenShelfService {
    func sortShelf(_ request: GoldenSortShelfRequest, context: CallContext) async throws -> GoldenShelf {
      GoldenShelf.with { $0.name = request.name }
    }
  }
}
