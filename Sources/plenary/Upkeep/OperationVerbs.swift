internal import ArgumentParser
internal import GRPCProtos
internal import PlenaryClient

/// `plenary operation …`: work at the other end that takes longer than a call.
struct OperationVerbs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "operation", abstract: "Shows and stops what takes its time: backups, verifications, reports.",
    subcommands: [OperationList.self, OperationCancel.self])
}

/// `plenary operation list`
struct OperationList: Verb {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists the operations that run, and the last ones that have ended.",
    discussion: """
      Examples:

        plenary operation list
      """)

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let operations = try await session.withRegistry { registry in
      let client = LongRunningOperationsClient(registry.client.channel)
      var operations: [LongRunningOperation] = []
      var token = ""
      repeat {
        let page = try await client.listOperations(.with { $0.pageToken = token }, options: registry.options)
        operations += page.operations
        token = page.nextPageToken
      } while !token.isEmpty
      return operations
    }
    switch global.output {
    case .table:
      guard !operations.isEmpty else { return session.console.note("no operations") }
      var sheet = Sheet()
      for operation in operations {
        // What cannot be read of it is not shown.
        let metadata = try? operation.metadata?.unpacked(as: UpkeepMetadata.self)
        let what = metadata.map { "\($0.verb), " } ?? ""
        sheet.add(operation.name, what + OperationWords.state(operation, metadata))
      }
      try session.console.print(sheet.lines(width: session.console.width, style: session.console.output.style))
    case .json, .yaml: try session.answer(.array(operations.map(Self.object)))
    case .name: try session.console.print(operations.map(\.name))
    }
  }

  private static func object(_ operation: LongRunningOperation) -> JSONValue {
    // What cannot be read of it is not shown.
    let metadata = try? operation.metadata?.unpacked(as: UpkeepMetadata.self)
    return .object([
      ("name", .string(operation.name)), ("verb", .string(metadata?.verb ?? "")), ("done", .bool(operation.done)),
      ("state", .string(OperationWords.state(operation, metadata))),
    ])
  }
}

/// `plenary operation cancel`
struct OperationCancel: Verb {
  static let configuration = CommandConfiguration(
    commandName: "cancel", abstract: "Asks an operation to stop.",
    discussion: """
      Examples:

        plenary operation cancel operations/x-0123456789abcdef0123
      """)

  @Argument(help: "The name of the operation.")
  var name: String

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.withRegistry { registry in
      _ = try await LongRunningOperationsClient(registry.client.channel)
        .cancelOperation(.with { $0.name = name }, options: registry.options)
    }
    session.console.note("\(name) is asked to stop")
  }
}
