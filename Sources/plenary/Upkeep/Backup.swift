internal import ArgumentParser
internal import GRPCProtos
internal import PlenaryClient

/// `plenary backup`: a copy of the registry on the daemon's machine.
struct Backup: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Copies the whole registry, with its history, on the daemon's machine.",
    discussion: """
      Examples:

        plenary backup
        plenary backup before-upgrade --output json

      The daemon makes the copy in its directory of backups while it serves, verifies it, and answers where it is. \
      `plenaryd restore` makes a store of it again.
      """)

  @Argument(help: ArgumentHelp("The name of the backup. Default: one made of the time.", valueName: "id"))
  var id = ""

  @Flag(help: "Do not wait: print the name of the operation.")
  var noWait = false

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let backup = try await session.withRegistry { registry -> RegistryBackup? in
      let operation = try await AdminServiceClient(registry.client.channel)
        .backupRegistry(.with { $0.backupID = id }, options: registry.options)
      if noWait {
        try session.answer(begun: operation)
        return nil
      }
      return try await OperationRun(registry: registry, session: session)
        .response(of: operation, as: BackupRegistryResponse.self).backup
    }
    guard let backup else { return }
    switch global.output {
    case .table:
      var sheet = Sheet()
      sheet.add("backup", backup.backupID)
      sheet.add("path", backup.path)
      sheet.add("revision", backup.revision)
      sheet.add("size", ByteCount.words(backup.sizeBytes))
      try session.console.print(sheet.lines(width: session.console.width, style: session.console.output.style))
    case .json, .yaml: try session.answer(.message(backup))
    case .name: try session.console.print([backup.path])
    }
  }
}

/// `plenary verify`: whether the registry's data contradict themselves.
struct Verify: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Looks for damage in the registry while it serves.",
    discussion: """
      Examples:

        plenary verify
        plenary verify --quick --output json

      Without --quick every body is held against its digest, and every version, head and index entry against the audit. \
      Exits with 9 if something is wrong. `plenaryd verify` does the same with a backup, or a store that is stopped.
      """)

  @Flag(help: "Only the pages of the database and the chain of the audit.")
  var quick = false

  @Flag(help: "Do not wait: print the name of the operation.")
  var noWait = false

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let found = try await session.withRegistry { registry -> VerifyRegistryResponse? in
      let operation = try await AdminServiceClient(registry.client.channel)
        .verifyRegistry(.with { $0.depth = quick ? .quick : .full }, options: registry.options)
      if noWait {
        try session.answer(begun: operation)
        return nil
      }
      return try await OperationRun(registry: registry, session: session)
        .response(of: operation, as: VerifyRegistryResponse.self)
    }
    guard let found else { return }
    switch global.output {
    case .table:
      var sheet = Sheet()
      sheet.add("sound", found.sound ? "yes" : "no")
      sheet.add("depth", EnumWords.words(found.depth.description))
      sheet.add("revision", found.revision)
      sheet.add("audit rows", "\(found.auditRowCount)")
      if found.depth == .full { sheet.add("versions", "\(found.versionCount)") }
      try session.console.print(sheet.lines(width: session.console.width, style: session.console.output.style))
    case .json, .yaml: try session.answer(.message(found))
    case .name: try session.console.print(found.findings.map(\.revision).filter { !$0.isEmpty })
    }
    guard !found.sound else { return }
    throw Failure(
      .differs, "the registry is damaged",
      advice: "stop plenaryd, keep its data, and restore the last sound backup with `plenaryd restore`",
      details: found.findings.map { finding in
        TerminalText.oneLine(finding.revision.isEmpty ? finding.message : "\(finding.revision): \(finding.message)")
      })
  }
}

extension Session {
  /// Answers with an operation that goes on by itself.
  func answer(begun operation: LongRunningOperation) throws(Failure) {
    switch options.output {
    case .table, .name: try console.print([operation.name])
    case .json, .yaml: try answer(.object([("name", .string(operation.name))]))
    }
  }
}

/// Numbers of bytes as people read them.
enum ByteCount {
  private static let units = ["bytes", "KiB", "MiB", "GiB", "TiB"]

  static func words(_ count: Int64) -> String {
    var value = Double(count)
    var unit = 0
    while value >= 1024, unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    guard unit > 0 else { return "\(count) bytes" }
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10) \(units[unit])"
  }
}
