import GoogleAPI
import PlenaryClient
import ProtobufRuntime
import Testing

@testable import plenary

struct FailureTests {
  private func failure(_ status: GRPCStatus) -> Failure { Failure(status, server: "127.0.0.1:7443") }

  @Test(arguments: [
    (GRPCStatus.Code.notFound, plenary.ExitStatus.notFound), (.permissionDenied, .denied), (.unauthenticated, .denied),
    (.alreadyExists, .conflict), (.aborted, .conflict), (.failedPrecondition, .precondition),
    (.invalidArgument, .invalid), (.outOfRange, .invalid), (.unavailable, .unavailable),
    (.deadlineExceeded, .unavailable), (.resourceExhausted, .other), (.internal, .other), (.unimplemented, .other),
    (.unknown, .other), (.cancelled, .other), (.dataLoss, .other), (.ok, .ok),
  ])
  func `each code has its exit status`(_ code: GRPCStatus.Code, _ exit: plenary.ExitStatus) {
    #expect(plenary.ExitStatus(code) == exit)
    #expect(code == .ok || failure(GRPCStatus(code, "x", origin: .peer)).status == exit)
  }

  @Test func `exit statuses keep their numbers`() {
    let numbers: [plenary.ExitStatus: Int32] = [
      .ok: 0, .other: 1, .usage: 2, .notFound: 3, .denied: 4, .conflict: 5, .precondition: 6, .invalid: 7,
      .unavailable: 8, .differs: 9, .outputClosed: 141,
    ]
    for (status, number) in numbers { #expect(status.rawValue == number) }
  }

  @Test func `a refusal is one line with its reason`() throws {
    let status = GRPCStatus(
      .notFound, "there is no dialogue `dialogues/x`",
      details: [try ProtobufAny(packing: RPCErrorInfo.with { $0.reason = "RESOURCE_NOT_FOUND" })], origin: .peer)
    #expect(failure(status).text == "error: there is no dialogue `dialogues/x` (RESOURCE_NOT_FOUND)")
  }

  @Test func `what is wrong with several fields is listed`() throws {
    let request = RPCBadRequest.with {
      $0.fieldViolations = [
        .with {
          $0.field = "title"
          $0.description = "it must be set"
          $0.reason = "FIELD_REQUIRED"
        },
        .with {
          $0.field = "url"
          $0.description = "it is no address"
          $0.reason = "URL_INVALID"
        },
      ]
    }
    let status = GRPCStatus(
      .invalidArgument, "title: it must be set", details: [try ProtobufAny(packing: request)], origin: .peer)
    #expect(
      failure(status).text == """
        error: 2 things are wrong with the fields
          title: it must be set (FIELD_REQUIRED)
          url: it is no address (URL_INVALID)
        """)
  }

  @Test func `what stands in the way is listed`() throws {
    let obstacles = RPCPreconditionFailure.with {
      $0.violations = [
        .with {
          $0.subject = "dialogues/a/workingGroups/w"
          $0.description = "it is a child"
        }
      ]
    }
    let status = GRPCStatus(
      .failedPrecondition, "`dialogues/a` has 1 child",
      details: [
        try ProtobufAny(packing: RPCErrorInfo.with { $0.reason = "HAS_CHILDREN" }), try ProtobufAny(packing: obstacles),
        try ProtobufAny(packing: RPCRetryInfo.with { $0.retryDelay = ProtobufDuration(.seconds(5)) }),
      ], origin: .peer)
    #expect(
      failure(status).text == """
        error: `dialogues/a` has 1 child (HAS_CHILDREN)
          dialogues/a/workingGroups/w: it is a child
          it may work again in 5 s
          --force deletes the children with it
        """)
  }

  @Test func `a daemon that is not there is told with what to do`() {
    let status = GRPCStatus(.unavailable, "nothing listens on 127.0.0.1:7443", origin: .transport)
    #expect(
      failure(status).text
        == "error: cannot reach plenaryd at 127.0.0.1:7443: nothing listens on 127.0.0.1:7443; start it with `plenaryd "
        + "run`, or give --server or PLENARY_SERVER")
    let busy = GRPCStatus(.unavailable, "the store is closed", origin: .peer)
    #expect(failure(busy).text == "error: the store is closed (UNAVAILABLE)")
    #expect(failure(GRPCStatus(.deadlineExceeded)).text.contains("--timeout"))
    #expect(failure(GRPCStatus(.unimplemented, "no such method", origin: .peer)).text.contains("`plenary status`"))
  }

  @Test func `a message cannot steer the terminal`() {
    #expect(failure(GRPCStatus(.internal, "a\nb\u{1B}c", origin: .peer)).text == "error: a b\u{FFFD}c (INTERNAL)")
  }
}
