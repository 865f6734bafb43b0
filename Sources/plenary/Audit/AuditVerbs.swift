internal import ArgumentParser
internal import Foundation
internal import PlenaryClient
internal import ProtobufRuntime
internal import Transparency

/// `plenary audit …`: who changed what, and proofs that the past of the registry was not changed.
struct AuditVerbs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Shows who changed what, and proves that the past of the registry was not changed afterwards.",
    discussion: """
      Every change has an entry in a tree that only grows (RFC 6962). Keep a head of it now and then, and have other \
      agencies sign it too: then nobody can rewrite what was before without being found out.

      Examples:

        plenary audit list --by clients/cted-desk
        plenary audit head > monday.head
        plenary audit check monday.head --key registry.key
        plenary audit prove dialogue asia-ict-ct-3 --file proof.json
        plenary audit verify proof.json --key registry.key
      """,
    subcommands: [
      AuditList.self, AuditAccess.self, AuditHead.self, AuditCheck.self, AuditProve.self, AuditVerify.self,
      AuditCosign.self, AuditMakeKey.self,
    ])
}

/// `plenary audit head`
struct AuditHead: Verb {
  static let configuration = CommandConfiguration(
    commandName: "head", abstract: "Prints the head of the tree as it is now, signed by the daemon.",
    discussion: """
      Examples:

        plenary audit head > monday.head
        plenary audit head --output json
        plenary audit head --output name

      --output name prints the key that the signature is verified with. Ask those who run the registry whether it is theirs.
      """)

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let head = try await session.treeHead()
    switch global.output {
    case .table: try session.console.print(AuditText.lines(of: head.checkpoint))
    case .json, .yaml: try session.answer(.message(head))
    case .name: try session.console.print([head.verificationKey])
    }
  }
}

/// `plenary audit check`
struct AuditCheck: Verb {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Has the daemon prove that its tree continues a head that was kept.",
    discussion: """
      Examples:

        plenary audit check monday.head --key registry.key
        plenary audit check monday.head --key registry.key --cosigner ministry.key

      Exits with 9 if an entry of then was changed, or the head is not signed by the keys that are given.
      """)

  @Argument(help: ArgumentHelp("The head that was kept; - for the input.", valueName: "file"))
  var head: String

  @OptionGroup
  var keys: AuditKeys

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    keys.tellWhatIsMissing(on: session.console)
    let kept = try keys.checkpoint(in: head)
    let continued = try await session.headContinuing(kept, keys)
    switch global.output {
    case .table:
      try session.console.print([
        "the tree of \(continued.size) entries continues the one of \(kept.size): nothing of then was changed"
      ])
    case .json, .yaml:
      try session.answer(
        .object([("firstTreeSize", .number(Int(kept.size))), ("secondTreeSize", .number(Int(continued.size)))]))
    case .name: try session.console.print(["\(continued.size)"])
    }
  }
}

/// `plenary audit prove`
struct AuditProve: Verb {
  static let configuration = CommandConfiguration(
    commandName: "prove", abstract: "Gets the proof that a record stood in the registry as it was read.",
    discussion: """
      Examples:

        plenary audit prove dialogue asia-ict-ct-3 --file proof.json
        plenary audit prove dialogues/asia-ict-ct-3 --head monday.head --file proof.json

      The proof holds the version of the record, and can be verified without the daemon.
      """)

  @Argument(help: ArgumentHelp("The kind and the name of the record, or its whole name.", valueName: "kind name"))
  var record: [String]

  @Option(help: ArgumentHelp("The revision at which the version was the newest. Default: now.", valueName: "revision"))
  var at: String?

  @Option(help: ArgumentHelp("A head that was kept, to prove it in the tree of then.", valueName: "file"))
  var head: String?

  @Option(help: ArgumentHelp("Where to write the proof. Default: the output.", valueName: "file"))
  var file: String?

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let (_, name) = try KindCatalog.registry.record(record)
    let size = try head.map { try AuditText.checkpoint(in: $0).checkpoint.size } ?? 0
    let proof = try await session.withRegistry { registry in
      try await TransparencyServiceClient(registry.client.channel).getInclusionProof(
        .with { ($0.name, $0.revision, $0.treeSize) = (name, at ?? "", Int64(clamping: size)) },
        options: registry.options)
    }
    guard let file else { return try session.answer(.message(proof)) }
    let text = try OutputFormat.json.text(.message(proof)) + "\n"
    try await OutputFile.write(file) { append in try append(Array(text.utf8)) }
    switch global.output {
    case .table:
      try session.console.print(["\(file): \(name) is entry \(proof.leafIndex) of \(proof.treeSize)"])
    case .json, .yaml: try session.answer(.message(proof))
    case .name: try session.console.print([file])
    }
  }
}

/// `plenary audit verify`
struct AuditVerify: Verb {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Verifies a proof, without the daemon.",
    discussion: """
      Examples:

        plenary audit verify proof.json --key registry.key
        plenary audit verify proof.json --key registry.key --head monday.head --cosigner ministry.key

      Exits with 9 if the proof does not hold.
      """)

  @Argument(help: ArgumentHelp("The proof that `plenary audit prove` has written; - for the input.", valueName: "file"))
  var proof: String

  @Option(help: ArgumentHelp("A head that was kept, in place of the one in the proof.", valueName: "file"))
  var head: String?

  @OptionGroup
  var keys: AuditKeys

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    keys.tellWhatIsMissing(on: session.console)
    let proof = try InputFile(path: proof).message(InclusionProof.self)
    guard head != nil || !proof.checkpoint.isEmpty else {
      throw Failure(.usage, "the proof is in the tree of a head that was kept", advice: "give that with --head")
    }
    let checkpoint =
      if let head { try keys.checkpoint(in: head) } else { try keys.checkpoint(proof.checkpoint, called: "the proof") }
    let proven = try ProvenVersion(proof, in: checkpoint)
    switch global.output {
    case .table:
      try session.console.print(proven.sheet.lines(width: session.console.width, style: session.console.output.style))
    case .json, .yaml:
      try session.answer(
        .object([
          ("resource", .string(proof.resource)), ("treeSize", .number(Int(checkpoint.size))),
          ("actor", .string(proven.link.actor)), ("updateTime", .string(proven.time)),
        ]))
    case .name: try session.console.print([proof.resource])
    }
  }
}

/// `plenary audit cosign`
struct AuditCosign: Verb {
  static let configuration = CommandConfiguration(
    commandName: "cosign",
    abstract: "Signs the head of now as a witness, once it continues the one that you signed last.",
    discussion: """
      Examples:

        plenary audit make-key ministry.example/witness --file witness.secret > witness.key
        plenary audit cosign --secret witness.secret --key registry.key --first --file 1.head
        plenary audit cosign --secret witness.secret --key registry.key --previous 1.head --file 2.head

      What you have signed says that you saw the tree so, and that it continues what you saw before.
      """)

  @Option(help: ArgumentHelp("Your secret key, as `make-key` has written it.", valueName: "file"))
  var secret: String

  @Option(help: ArgumentHelp("The head that you signed last.", valueName: "file"))
  var previous: String?

  @Flag(help: "There is no head that you signed before.")
  var first = false

  @Option(help: ArgumentHelp("Where to write the head. Default: the output.", valueName: "file"))
  var file: String?

  @OptionGroup
  var keys: AuditKeys

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func validate() throws {
    guard first != (previous != nil) else { throw ValidationError("Give either --previous or --first.") }
  }

  func run(in session: Session) async throws {
    let key: SigningKey
    do {
      key = try SigningKey(try SmallFile.readSecret(secret))
    } catch let error as VerificationKey.Malformed {
      throw Failure(.invalid, "\(secret): \(error)")
    }
    guard key.verification.use == .cosigner else {
      throw Failure(
        .invalid, "\(secret) is the key of a registry", advice: "make one of yours with plenary audit make-key")
    }
    keys.tellWhatIsMissing(on: session.console)
    var note: SignedNote
    if let previous {
      var mine = keys
      mine.cosigner.append(key.verification.description)
      note = try await session.headContinuing(try mine.checkpoint(in: previous), keys).note
    } else {
      note = try keys.note(try await session.treeHead().checkpoint, called: "the daemon's head")
    }
    key.sign(&note, time: UInt64(Date().timeIntervalSince1970))
    guard let file else { return try session.console.print(AuditText.lines(of: note.description)) }
    let bytes = Array(note.description.utf8)
    try await OutputFile.write(file) { append in try append(bytes) }
    try session.console.print([global.output == .name ? file : "\(file): signed as \(key.verification.name)"])
  }
}

/// `plenary audit make-key`
struct AuditMakeKey: Verb {
  static let configuration = CommandConfiguration(
    commandName: "make-key", abstract: "Makes a key to sign heads with as a witness, and prints its public half.",
    discussion: """
      Examples:

        plenary audit make-key ministry.example/witness --file witness.secret > witness.key
      """)

  @Argument(help: "The name of the key, such as your domain.")
  var name: String

  @Option(help: ArgumentHelp("Where to write the secret half, for you alone to read.", valueName: "file"))
  var file: String

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    try SmallFile.checkIsNew(file)
    var generator = SystemRandomNumberGenerator()
    let seed = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
    let key: SigningKey
    do {
      key = try SigningKey(name: name, use: .cosigner, seed: seed)
    } catch {
      throw Failure(.usage, "\(error)")
    }
    try await OutputFile.write(file) { append in try append(Array((key.secretText + "\n").utf8)) }
    try session.console.print([key.verification.description])
  }
}
