internal import ArgumentParser
internal import Foundation
internal import GoogleAPI
internal import PlenaryClient
internal import ProtobufRuntime

/// `plenary client …`: who may use the registry, and by which tokens.
struct ClientVerbs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "client", abstract: "Makes clients of the registry, and gives and takes back their tokens.",
    subcommands: [
      ClientCreate.self, ClientApprove.self, ClientNotices.self, ClientToken.self, ClientRotate.self, ClientRevoke.self,
    ])
}

/// `plenary client create`
struct ClientCreate: Verb {
  static let configuration = CommandConfiguration(
    commandName: "create", abstract: "Makes a client with its roles, and prints a token of it once.",
    discussion: """
      Examples:

        plenary client create cted-desk --organization cted --role EDITOR
        plenary client create asia-desk --organization cted --role READER --role EDITOR@series/asia-ict-ct-dialogue
        plenary client create importer --role OFFICER@'*' --token-out importer.token
        plenary client create un-mesh --organization un --role READER --certificate spiffe://un.example/mesh --no-token
        plenary update client un-mesh --clear certificate_identities

      A role is READER, EDITOR, PUBLISHER, OFFICER or ADMIN, each with those before it. Where it changes records it is for \
      what the client's organization has originated, unless a scope follows: `*` for all records, an organization for what \
      it has originated, a series or another record for what lies in it.
      """)

  @Argument(help: "The id of the new client.")
  var id: String

  @Option(help: ArgumentHelp("The organization that it acts for.", valueName: "name"))
  var organization: String?

  @Option(
    parsing: .singleValue, help: ArgumentHelp("What it may do. May be repeated.", valueName: "role[@scope]"))
  var role: [String] = []

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "A certificate by which it proves who it is: a URI of it, or its subject such as CN=desk,O=Example. May be repeated.",
      valueName: "identity"))
  var certificate: [String] = []

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "A subject by which an issuer of signed tokens knows it: the issuer, a space and the subject. May be repeated.",
      valueName: "issuer subject"))
  var subject: [String] = []

  @Flag(help: "Give it no token.")
  var noToken = false

  @OptionGroup
  var token: TokenOptions

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let kinds = KindCatalog.registry
    let kind = try kinds.kind("clients")
    let (_, id) = try kinds.newRecord(id, in: nil, of: kind)
    var edit = RecordEdit(Client(), language: global.language, kinds: kinds)
    if let organization { try edit.set("organization=\(organization)") }
    for (index, text) in role.enumerated() {
      let parts = text.split(separator: "@", maxSplits: 1)
      try edit.set("roles.\(index).role=\(parts.first ?? "")")
      if parts.count > 1 { try edit.set("roles.\(index).scope=\(parts[1])") }
    }
    for (index, identity) in certificate.enumerated() {
      try edit.set("certificate_identities.\(index)=\(identity)")
    }
    for (index, issued) in subject.enumerated() { try edit.set("issuer_subjects.\(index)=\(issued)") }
    let record = edit.record
    if noToken {
      let created = try await session.withRegistry { registry in
        try await registry.create(record, of: kind, id: id, in: "", Change())
      }
      return try session.show(created, of: kind) { ["created \(created.name), which has no token"] }
    }
    try await token.give(in: session) { registry in
      let created = try await registry.create(record, of: kind, id: id, in: "", Change())
      let answer = try await token.issue(for: created.name, registry)
      answer.client?.tellWhatWaits(on: session.console)
      return (answer, answer.token, "created \(created.name)")
    }
  }
}

/// `plenary client token`
struct ClientToken: Verb {
  static let configuration = CommandConfiguration(
    commandName: "token", abstract: "Gives a client one more token, and prints it once.",
    discussion: """
      Examples:

        plenary client token cted-desk --days 30 --token-out desk.token
      """)

  @Argument(help: "The client.")
  var name: String

  @OptionGroup
  var token: TokenOptions

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let name = try ClientName.name(name)
    try await token.give(in: session) { registry in
      let answer = try await token.issue(for: name, registry)
      answer.client?.tellWhatWaits(on: session.console)
      return (answer, answer.token, "\(name) has one more token")
    }
  }
}

/// `plenary client rotate`
struct ClientRotate: Verb {
  static let configuration = CommandConfiguration(
    commandName: "rotate", abstract: "Gives a client a new token in place of those it has, which go on for a while.",
    discussion: """
      Examples:

        plenary client rotate cted-desk
        plenary client rotate cted-desk --overlap 10m --token-out desk.token

      A client may do this for itself; that of another one takes an administrator.
      """)

  @Argument(help: "The client.")
  var name: String

  @Option(help: ArgumentHelp("How long the tokens before go on, such as 10m. Default: 1h.", valueName: "time"))
  var overlap: Timeout?

  @OptionGroup
  var token: TokenOptions

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let name = try ClientName.name(name)
    try await token.give(in: session) { registry in
      let answer = try await ClientServiceClient(registry.client.channel).rotateClientToken(
        .with {
          $0.name = name
          $0.expireTime = token.expireTime
          $0.overlap = overlap.map { ProtobufDuration($0.duration) }
        }, options: registry.options)
      answer.client?.tellWhatWaits(on: session.console)
      return (answer, answer.token, "\(name) has a new token")
    }
  }
}

/// `plenary client revoke`
struct ClientRevoke: Verb {
  static let configuration = CommandConfiguration(
    commandName: "revoke", abstract: "Takes tokens of a client back, at once.",
    discussion: """
      Examples:

        plenary get client cted-desk --output yaml
        plenary client revoke cted-desk --token-id 3kq0v2mz
        plenary client revoke cted-desk --all

      Calls with them are refused from then on, and open streams end within a second.
      """)

  @Argument(help: "The client.")
  var name: String

  @Option(help: ArgumentHelp("Which token.", valueName: "id"))
  var tokenID: String?

  @Flag(help: "All tokens of the client.")
  var all = false

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let kind = try KindCatalog.registry.kind("clients")
    let name = try ClientName.name(name)
    guard (tokenID == nil) == all else {
      throw Failure(.usage, "it is not said which token is meant", advice: "give either --token-id ID or --all")
    }
    let client = try await session.withRegistry { registry in
      try await ClientServiceClient(registry.client.channel).revokeClientToken(
        .with {
          $0.name = name
          $0.tokenID = tokenID ?? "*"
        }, options: registry.options)
    }
    try session.show(client, of: kind) {
      [all ? "\(name) has no tokens any more" : "took token \(tokenID ?? "") of \(name) back"]
    }
  }
}

/// The name of a client that is given by its name or id.
enum ClientName {
  static func name(_ text: String) throws(Failure) -> String {
    let kinds = KindCatalog.registry
    return try kinds.name(text, of: try kinds.kind("clients"))
  }
}

/// What the verbs have in common that give a token.
struct TokenOptions: ParsableArguments {
  @Option(help: ArgumentHelp("How many days it is good for, at most 366. Default: 90.", valueName: "count"))
  var days: Int?

  @Option(
    help: ArgumentHelp("Write the token to a file of this user alone, and do not print it.", valueName: "file"))
  var tokenOut: String?

  private static let daySeconds = 86_400.0
  private static let dayCountMax = 366

  func validate() throws {
    guard days.map((1...Self.dayCountMax).contains) ?? true else {
      throw ValidationError("--days must be from 1 to \(Self.dayCountMax).")
    }
  }

  /// From when on it is refused; nil for the registry's default.
  var expireTime: ProtobufTimestamp? {
    days.map { days in
      ProtobufTimestamp(seconds: Int64(Date().timeIntervalSince1970 + Double(days) * Self.daySeconds), nanos: 0)
    }
  }

  /// Has a client be given a token.
  func issue(for name: String, _ registry: Registry) async throws -> IssueClientTokenResponse {
    try await ClientServiceClient(registry.client.channel).issueClientToken(
      .with { ($0.name, $0.expireTime) = (name, expireTime) }, options: registry.options)
  }

  /// Asks for a token, and shows it this once.
  func give<Answer: ProtobufMessage>(
    in session: Session, _ ask: (Registry) async throws -> (answer: Answer, token: String, sentence: String)
  ) async throws {
    // Before there is a token that could not be written.
    if let tokenOut { try SmallFile.checkIsNew(tokenOut) }
    let (answer, token, sentence) = try await session.withRegistry { try await ask($0) }
    if let tokenOut {
      try await OutputFile.write(tokenOut) { append in try append(Array("\(token)\n".utf8)) }
      return try session.console.print(["\(sentence); its token is in \(tokenOut)"])
    }
    switch session.options.output {
    case .table: try session.console.print(["\(sentence); its token, which is not shown again:", token])
    case .json, .yaml: try session.answer(.message(answer))
    case .name: try session.console.print([token])
    }
  }
}
