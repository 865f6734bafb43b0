import PlenaryAPI
import PlenaryStore
import ProtobufRuntime
import Testing

@testable import PlenaryDomain

/// Two organizations with a client each, and what they ask of a registry.
extension SharingTests {
  static let (own, other) = ("organizations/own", "organizations/other")

  func organization(_ name: String) -> Organization {
    .with { ($0.name, $0.title, $0.kind) = (name, LocalizedText(name), .internationalOrganization) }
  }

  /// A client of an organization, as it stands.
  func caller(
    _ client: String, of organization: String, _ role: Client.Grant.Role = .editor, scope: String = "",
    groups: Set<String> = [], ceiling: PlenaryAPI.Marking.Label = .unspecified
  ) -> Caller {
    let standing = Standing(client: client, organization: organization, groups: groups, ceiling: ceiling)
    let grant = Client.Grant.with { ($0.role, $0.scope) = (role, scope) }
    return Caller(
      principal: client, viewer: standing.viewer(), rights: Rights(organization: organization, grants: [grant]))
  }

  var mine: Caller { caller("clients/mine", of: Self.own, scope: "*") }
  var theirs: Caller { caller("clients/theirs", of: Self.other, scope: "*") }

  func marking(
    _ label: PlenaryAPI.Marking.Label, organizations: [String] = [], groups: [String] = [], recipients: [String] = []
  ) -> PlenaryAPI.Marking {
    .with { ($0.label, $0.organizations, $0.sharingGroups, $0.recipients) = (label, organizations, groups, recipients) }
  }

  func theme(_ id: String, _ marking: PlenaryAPI.Marking, broader: [String] = []) -> Theme {
    .with {
      $0.name = "themes/\(id)"
      ($0.scheme, $0.prefLabel, $0.marking, $0.broader) = ("samples", LocalizedText(id), marking, broader)
    }
  }

  /// Runs a test on a registry with two organizations, a client of each, and groups of them.
  func run(_ body: (TestRegistry) async throws -> Void) async throws {
    try await TestRegistry.run { test in
      try await test.seed(
        organization(Self.own), organization(Self.other),
        Client.with { ($0.name, $0.organization) = ("clients/mine", Self.own) },
        Client.with { ($0.name, $0.organization) = ("clients/theirs", Self.other) },
        SharingGroup.with { ($0.name, $0.organizations) = ("sharingGroups/inner", [Self.other]) },
        SharingGroup.with { ($0.name, $0.groups) = ("sharingGroups/outer", ["sharingGroups/inner"]) })
      try await body(test)
    }
  }

  func create(_ theme: Theme, _ test: TestRegistry, as caller: Caller) async throws {
    _ = try await test.registry.create(
      CreateThemeRequest.with {
        $0.theme = theme
        $0.themeID = String(theme.name.dropFirst("themes/".count))
      }, as: caller)
  }

  func update(
    _ theme: Theme, paths: [String] = ["marking"], _ test: TestRegistry, as caller: Caller
  ) async throws {
    _ = try await test.registry.update(
      UpdateThemeRequest.with { ($0.theme, $0.updateMask) = (theme, .init(paths: paths)) }, as: caller)
  }

  func sees(_ caller: Caller, _ id: String, _ test: TestRegistry) async throws -> Bool {
    do throws(DomainError) {
      _ = try await test.registry.get(GetThemeRequest.with { $0.name = "themes/\(id)" }, as: caller)
      return true
    } catch {
      #expect(error.reason == .resourceNotFound)
      return false
    }
  }
}

extension ProtobufMessage {
  /// The message with some of it changed.
  func with(_ change: (inout Self) -> Void) -> Self {
    var message = self
    change(&message)
    return message
  }
}
