/// A registry that is served somewhere: its kinds of records, and what can be done with all of them.
///
/// It connects with the first call, and again when the connection was lost. A call fails with a `GRPCStatus`, whose
/// `reason` says which rule of the registry was broken.
public struct RegistryClient: Sendable {
  /// Where `plenaryd` serves unless it is told otherwise.
  public static let defaultServer = "127.0.0.1:7443"

  /// Where the calls go, for the generated clients: `DialogueServiceClient(registry.channel)`.
  public let channel: GRPCChannel

  /// A client of the registry at `HOST:PORT` or `unix:PATH`. Close it when it is no longer needed.
  ///
  /// Throws an error that says in one line what is wrong with the address, and a `ClearTextToken` instead of sending a
  /// token where others can listen.
  ///
  /// - Parameter token: The token of a client of the registry, `plen_…`, which is sent with every call; nil sends none.
  public init(
    server: String = defaultServer, token: String? = nil, configuration: ChannelConfiguration = ChannelConfiguration()
  ) throws {
    var configuration = configuration
    if let token { try configuration.send(token, to: TransportAddress(parsing: server)) }
    channel = try GRPCChannel(target: server, configuration: configuration)
  }

  /// Works with the registry at an address, and closes the connection afterwards.
  ///
  /// Throws what `body` throws, and an error in one line if the address is none.
  public static func withConnection<Result>(
    to server: String = defaultServer, token: String? = nil,
    configuration: ChannelConfiguration = ChannelConfiguration(),
    isolation: isolated (any Actor)? = #isolation, _ body: (RegistryClient) async throws -> Result
  ) async throws -> Result {
    let registry = try RegistryClient(server: server, token: token, configuration: configuration)
    do {
      let result = try await body(registry)
      await registry.close()
      return result
    } catch {
      await registry.close(grace: .zero)
      throw error
    }
  }

  /// Closes the connection; calls under way may finish for `grace`. Call it once.
  public func close(grace: Duration = .seconds(30)) async {
    await channel.close(grace: grace)
  }
}

// MARK: The kinds

extension RegistryClient {
  /// The documents that values are cited from.
  public var sources: ResourceClient<SourceServiceDefinition> { ResourceClient(channel) }

  /// The bodies that take part.
  public var organizations: ResourceClient<OrganizationServiceDefinition> { ResourceClient(channel) }

  /// The people who take part.
  public var persons: ResourceClient<PersonServiceDefinition> { ResourceClient(channel) }

  /// The concepts of the vocabularies.
  public var themes: ResourceClient<ThemeServiceDefinition> { ResourceClient(channel) }

  /// The documents that give mandates.
  public var mandates: ResourceClient<MandateServiceDefinition> { ResourceClient(channel) }

  /// The things that mandates say.
  public var directives: ResourceClient<DirectiveServiceDefinition> { ResourceClient(channel) }

  /// The programmes within which series are held.
  public var initiatives: ResourceClient<InitiativeServiceDefinition> { ResourceClient(channel) }

  /// The series of dialogues.
  public var series: ResourceClient<SeriesServiceDefinition> { ResourceClient(channel) }

  /// The dialogues.
  public var dialogues: ResourceClient<DialogueServiceDefinition> { ResourceClient(channel) }

  /// The working groups of dialogues.
  public var workingGroups: ResourceClient<WorkingGroupServiceDefinition> { ResourceClient(channel) }

  /// The panel discussions of dialogues.
  public var panels: ResourceClient<PanelServiceDefinition> { ResourceClient(channel) }

  /// The interventions at dialogues.
  public var interventions: ResourceClient<InterventionServiceDefinition> { ResourceClient(channel) }

  /// The findings of dialogues.
  public var findings: ResourceClient<FindingServiceDefinition> { ResourceClient(channel) }

  /// The organizations that work together on a subject.
  public var partnerships: ResourceClient<PartnershipServiceDefinition> { ResourceClient(channel) }

  /// The consultations that mandates ask for.
  public var consultations: ResourceClient<ConsultationServiceDefinition> { ResourceClient(channel) }

  /// What organizations are advised to do.
  public var recommendations: ResourceClient<RecommendationServiceDefinition> { ResourceClient(channel) }

  /// What became of recommendations. The registry makes their ids.
  public var followUps: ResourceClient<FollowUpServiceDefinition> { ResourceClient(channel) }

  /// The reports on series.
  public var outcomeReports: ResourceClient<OutcomeReportServiceDefinition> { ResourceClient(channel) }

  /// The circles of organizations with which records are shared.
  public var sharingGroups: ResourceClient<SharingGroupServiceDefinition> { ResourceClient(channel) }

  /// The systems and persons that use the registry.
  public var clients: ResourceClient<ClientServiceDefinition> { ResourceClient(channel) }
}
