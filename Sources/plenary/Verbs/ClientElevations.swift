internal import ArgumentParser
internal import PlenaryClient

/// `plenary client approve`
struct ClientApprove: Verb {
  static let configuration = CommandConfiguration(
    commandName: "approve", abstract: "Approves rights of OFFICER or ADMIN that another administrator has proposed.",
    discussion: """
      Examples:

        plenary client notices
        plenary client approve cted-officer

      Where there are two administrators or more, such rights take effect once one approves what another has proposed, \
      within seven days. Setting the roles of the client again withdraws a proposal.
      """)

  @Argument(help: "The client.")
  var name: String

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let kind = try KindCatalog.registry.kind("clients")
    let name = try ClientName.name(name)
    let client = try await session.withRegistry { registry in
      try await ClientServiceClient(registry.client.channel).approveClientGrant(
        .with { $0.name = name }, options: registry.options)
    }
    try session.show(client, of: kind) { ["\(name) has what was proposed for it: \(client.elevation?.rights ?? "")"] }
  }
}

/// `plenary client notices`
struct ClientNotices: Verb {
  static let configuration = CommandConfiguration(
    commandName: "notices", abstract: "Shows who was given rights of OFFICER or ADMIN, or is to be, and by whom.",
    discussion: """
      Examples:

        plenary client notices
        plenary client notices --output json

      Administrators see all of it, officers that of their organization.
      """)

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let found = try await session.withRegistry { registry in
      var request = ListClientElevationsRequest()
      var found: [ListClientElevationsResponse.ClientElevation] = []
      repeat {
        let page = try await ClientServiceClient(registry.client.channel)
          .listClientElevations(request, options: registry.options)
        found += page.elevations
        request.pageToken = page.nextPageToken
      } while !request.pageToken.isEmpty
      return found
    }
    switch global.output {
    case .table:
      guard !found.isEmpty else { return session.console.note("no notices") }
      let style = session.console.output.style
      var table = Table(
        [
          .init(title: "CLIENT", isFixed: true), .init(title: "STATE"), .init(title: "RIGHTS"), .init(title: "BY"),
          .init(title: "TIME"), .init(title: "APPROVED BY"), .init(title: "ORGANIZATION"),
        ], style: style)
      for one in found {
        let elevation = one.elevation ?? Client.Elevation()
        table.add([
          one.client, EnumWords.words(one.state.description), elevation.rights, elevation.proposer,
          elevation.proposeTime.map(PointInTime.words) ?? "", elevation.approver, one.organization,
        ])
      }
      try session.console.print(table.lines(table.layout(width: session.console.width), head: style))
    case .json, .yaml:
      var values: [JSONValue] = []
      for one in found { values.append(try .message(one)) }
      try session.answer(.array(values))
    case .name: try session.console.print(found.map(\.client))
    }
  }
}

extension Client {
  /// Says so if rights of it wait for an approval.
  func tellWhatWaits(on console: Console) {
    guard let elevation, elevation.isWaiting else { return }
    console.note(
      "\(elevation.rights) of \(name) waits for another administrator: plenary client approve "
        + NamePattern.parts(of: name).id)
  }
}

extension Client.Elevation {
  /// The rights, as `plenary client create` takes them.
  var rights: String {
    roles.map { $0.scope.isEmpty ? $0.role.description : "\($0.role.description)@\($0.scope)" }.joined(separator: ", ")
  }

  /// Whether they wait for an approval, or have waited too long.
  var isWaiting: Bool { effectTime == nil }
}
