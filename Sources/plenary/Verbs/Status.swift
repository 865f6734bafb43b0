internal import ArgumentParser
internal import GRPCProtos
internal import PlenaryClient

/// `plenary status`: how the daemon and its store are doing.
struct Status: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Shows whether the daemon serves, its version and how much the registry holds.",
    discussion: """
      Examples:

        plenary status
        plenary status --server unix:/run/plenary.sock --timeout 2s

      Exits with 8 if the daemon cannot be reached or says that it does not serve.
      """)

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let (health, status, access) = try await session.withRegistry { registry in
      let health = try await GRPCHealthClient(registry.client.channel)
        .check(GRPCHealthCheckRequest(), options: registry.options)
      let status = try await AdminServiceClient(registry.client.channel)
        .getStoreStatus(GetStoreStatusRequest(), options: registry.options)
      let access = try await AdminServiceClient(registry.client.channel)
        .getAccessStatus(GetAccessStatusRequest(), options: registry.options)
      return (health.status, status, access)
    }
    switch global.output {
    case .table: try session.console.print(lines(health, status, access, session))
    case .json, .yaml: try session.answer(json(health, status, access, session))
    case .name: try session.console.print([session.server])
    }
    guard health == .serving else {
      throw Failure(.unavailable, "plenaryd at \(session.server) answers but does not serve: \(health)")
    }
  }

  private func lines(
    _ health: GRPCHealthCheckResponse.ServingStatus, _ status: StoreStatus, _ access: AccessStatus, _ session: Session
  ) -> [String] {
    var sheet = Sheet()
    sheet.add("server", session.server)
    sheet.add("health", EnumWords.words(health.description))
    sheet.add("version", status.version)
    if let started = status.startedTime { sheet.add("started", PointInTime.words(started)) }
    sheet.add("revision", status.currentRevision)
    sheet.add("history", status.oldestRevision.isEmpty ? "complete" : "from \(status.oldestRevision)")
    if let follower = status.follower { FollowerWords.add(follower, to: &sheet) }
    if let health = status.health { addHealth(health, to: &sheet) }
    AccessWords.add(access, to: &sheet)
    let total = status.resourceCounts.reduce(0) { $0 + $1.recordCount }
    sheet.add("records", "\(total)")
    let width = String(total).count
    for count in status.resourceCounts where count.recordCount > 0 {
      let number = TerminalText.padded("\(count.recordCount)", to: width, alignment: .right)
      sheet.add(word(count.resourceType), depth: 1, [StyledText(number)])
    }
    return sheet.lines(width: session.console.width, style: session.console.output.style)
  }

  private func addHealth(_ health: StoreHealth, to sheet: inout Sheet) {
    if !health.failure.isEmpty { sheet.add("failure", TerminalText.oneLine(health.failure)) }
    if health.commitCount > 0 {
      sheet.add("commits", "\(health.commitCount), 99 of 100 within \(health.commitMicrosecondsP99) µs")
    }
    sheet.add("log", ByteCount.words(health.logBytes))
    if let index = health.searchIndex { sheet.add("search index", Self.words(index)) }
    if let free = health.diskFreeBytes { sheet.add("disk free", ByteCount.words(free)) }
    sheet.add("last backup", health.lastBackup?.createTime.map(PointInTime.words) ?? "never")
  }

  private static func words(_ index: SearchIndexState) -> String {
    let stage =
      switch index.stage {
      case .following: "follows"
      case .building: "being made, \(index.loadedCount) records are in it"
      default: "not open yet"
      }
    return index.failure.isEmpty ? stage : "\(stage); \(TerminalText.oneLine(index.failure))"
  }

  private func json(
    _ health: GRPCHealthCheckResponse.ServingStatus, _ status: StoreStatus, _ access: AccessStatus, _ session: Session
  ) throws(Failure) -> JSONValue {
    .object([
      ("server", .string(session.server)),
      ("health", .string(health.description)),
      ("store", try .message(status)),
      ("access", try .message(access)),
    ])
  }

  private func word(_ type: String) -> String {
    KindCatalog.registry.kind(ofType: type)?.nouns ?? type
  }
}
