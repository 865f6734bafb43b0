internal import ArgumentParser
internal import GRPCProtos
internal import PlenaryClient
internal import Transparency

/// `plenary backup …`: copies of the registry.
struct Backup: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Copies the whole registry, with its history, on the daemon's machine.",
    subcommands: [BackupMake.self, BackupMakeKey.self], defaultSubcommand: BackupMake.self)
}

/// `plenary backup make-key`
struct BackupMakeKey: Verb {
  static let configuration = CommandConfiguration(
    commandName: "make-key", abstract: "Makes a key that backups are sealed to, and prints its public half.",
    discussion: """
      Examples:

        plenary backup make-key --file agency.secret > agency.pub
        plenary backup --encrypt-to agency.pub

      Whoever makes backups needs the public half alone. Keep the secret half elsewhere: without it nothing opens them.
      """)

  @Option(help: ArgumentHelp("Where to write the secret half, for you alone to read.", valueName: "file"))
  var file: String

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    try SmallFile.checkIsNew(file)
    var generator = SystemRandomNumberGenerator()
    let seed = (0..<SealingKey.byteCount).map { _ in UInt8.random(in: 0...255, using: &generator) }
    let key: UnsealingKey
    do {
      key = try UnsealingKey(seed: seed)
    } catch {
      throw Failure(.other, "\(error)")
    }
    try await OutputFile.write(file) { append in try append(Array((key.secretText + "\n").utf8)) }
    try session.console.print([key.sealing.description])
  }
}

/// `plenary backup make`: a copy of the registry on the daemon's machine.
struct BackupMake: Verb {
  static let configuration = CommandConfiguration(
    commandName: "make", abstract: "Copies the whole registry, with its history; this is what `plenary backup` does.",
    discussion: """
      Examples:

        plenary backup
        plenary backup before-upgrade --output json
        plenary backup --encrypt-to agency.pub

      The daemon makes the copy in its directory of backups while it serves, verifies it, and answers where it is. \
      `plenaryd restore` makes a store of it again.
      """)

  @Argument(help: ArgumentHelp("The name of the backup. Default: one made of the time.", valueName: "id"))
  var id = ""

  @Option(
    help: ArgumentHelp("Seal the backup to the key in a file, as make-key prints it.", valueName: "file"))
  var encryptTo: String?

  @Flag(help: "Do not wait: print the name of the operation.")
  var noWait = false

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let key = try encryptTo.map { path throws(Failure) in try Self.sealingKey(path) }
    let backup = try await session.withRegistry { registry -> RegistryBackup? in
      let operation = try await AdminServiceClient(registry.client.channel)
        .backupRegistry(.with { ($0.backupID, $0.sealingKey) = (id, key ?? "") }, options: registry.options)
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
      sheet.add("sealed to", backup.sealedTo)
      try session.console.print(sheet.lines(width: session.console.width, style: session.console.output.style))
    case .json, .yaml: try session.answer(.message(backup))
    case .name: try session.console.print([backup.path])
    }
  }

  /// The public half of a key in a file.
  private static func sealingKey(_ path: String) throws(Failure) -> String {
    let text = try SmallFile.read(path)
    do {
      return try SealingKey(text).description
    } catch {
      throw Failure(.invalid, "\(path): \(error)", advice: "make one with plenary backup make-key")
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
