package import GRPCRuntime
internal import GRPCProtos
internal import GoogleAPI
internal import PlenaryAPI
package import PlenaryDomain
internal import PlenaryRPC
package import PlenaryStore
package import ProtobufRuntime

/// The registry as services of gRPC: the methods that all kinds have in common and the transitions of each, written once,
/// and the services for applying, import, export, filters, search, translations, history, changes and administration.
package struct RegistryServices: Sendable {
  let registry: Registry
  let startTime: CommitTime
  let version: String
  let failures: FailureReport
  let upkeep: UpkeepDesk
  let watches: WatchDesk
  let replication: ReplicationDesk?
  let transparency: TransparencyDesk?
  let accessLog: (any AccessLogReader)?
  let callGuard: CallGuard?

  /// The services of a registry.
  ///
  /// - Parameters:
  ///   - startTime: When the program started.
  ///   - version: The version of the program.
  ///   - failures: What becomes of errors that callers must not see.
  ///   - upkeep: Takes in what takes its time.
  ///   - watches: Keeps the watches that are open.
  ///   - replication: Serves followers; nil for a store that has no copies.
  ///   - transparency: Proves what is in the audit; nil for a store that has no tree over it.
  ///   - accessLog: Where reads of what is held back, and refusals, are noted; nil if they are not.
  ///   - callGuard: Lets callers in, and tells administrators how; nil if nobody is asked who calls.
  package init(
    registry: Registry, startTime: CommitTime, version: String, failures: FailureReport, upkeep: UpkeepDesk,
    watches: WatchDesk, replication: ReplicationDesk? = nil, transparency: TransparencyDesk? = nil,
    accessLog: (any AccessLogReader)? = nil, callGuard: CallGuard? = nil
  ) {
    self.callGuard = callGuard
    self.accessLog = accessLog
    self.registry = registry
    self.upkeep = upkeep
    self.watches = watches
    self.replication = replication
    self.transparency = transparency
    self.startTime = startTime
    self.version = version
    self.failures = failures
  }

  /// The protos of the services and of the details of errors, which no service mentions, for reflection.
  package static var descriptors: [DescriptorSet] {
    [PlenaryAPIProtoFiles.descriptors, GoogleAPIProtoFiles.descriptors]
  }

  /// Lets the services answer on a router.
  package func register(on router: inout Router) {
    let methods = StandardMethods(registry: registry, failures: failures)
    methods.registerAll(SourceServiceDefinition.self, on: &router)
    methods.registerAll(OrganizationServiceDefinition.self, on: &router)
    methods.registerAll(PersonServiceDefinition.self, on: &router)
    methods.registerAll(ThemeServiceDefinition.self, on: &router)
    methods.registerAll(MandateServiceDefinition.self, on: &router)
    methods.registerAll(DirectiveServiceDefinition.self, on: &router)
    methods.registerAll(InitiativeServiceDefinition.self, on: &router)
    methods.registerAll(SeriesServiceDefinition.self, on: &router)
    methods.registerAll(DialogueServiceDefinition.self, on: &router)
    methods.registerAll(WorkingGroupServiceDefinition.self, on: &router)
    methods.registerAll(PanelServiceDefinition.self, on: &router)
    methods.registerAll(InterventionServiceDefinition.self, on: &router)
    methods.registerAll(FindingServiceDefinition.self, on: &router)
    methods.registerAll(PartnershipServiceDefinition.self, on: &router)
    methods.registerAll(ConsultationServiceDefinition.self, on: &router)
    methods.registerAll(RecommendationServiceDefinition.self, on: &router)
    methods.registerAll(FollowUpServiceDefinition.self, on: &router)
    methods.registerAll(OutcomeReportServiceDefinition.self, on: &router)
    methods.registerAll(SharingGroupServiceDefinition.self, on: &router)
    methods.registerAll(ClientServiceDefinition.self, on: &router)
    router.register(
      clientService: ClientTokenHandler(registry: registry, failures: failures))
    router.register(personService: PersonDataHandler(registry: registry, accessLog: accessLog, failures: failures))
    router.register(outcomeReportService: OutcomeContentHandler(registry: registry, failures: failures, desk: upkeep))
    router.register(applyService: ApplyHandler(registry: registry, failures: failures))
    router.register(importService: ImportHandler(registry: registry, failures: failures))
    router.register(exportService: ExportHandler(registry: registry, failures: failures))
    router.register(filterService: FilterHandler(registry: registry, failures: failures))
    router.register(markingService: MarkingHandler(registry: registry, failures: failures))
    router.register(translationService: TranslationHandler(registry: registry, failures: failures))
    router.register(coverageService: CoverageHandler(registry: registry, failures: failures))
    router.register(renderingService: RenderingHandler(registry: registry, failures: failures))
    router.register(traceService: TraceHandler(registry: registry, failures: failures))
    ChangeHandler(registry: registry, desk: watches, failures: failures).register(on: &router)
    router.register(historyService: HistoryHandler(registry: registry, failures: failures))
    router.register(searchService: SearchHandler(registry: registry, failures: failures))
    router.register(auditService: AuditHandler(registry: registry, accessLog: accessLog, failures: failures))
    router.register(
      adminService: AdminHandler(
        registry: registry, startTime: startTime, version: version, failures: failures, upkeep: upkeep,
        replication: replication, callGuard: callGuard))
    if let replication {
      router.register(replicationService: ReplicationHandler(desk: replication, failures: failures))
    }
    if let transparency {
      router.register(transparencyService: TransparencyHandler(desk: transparency, failures: failures))
    }
    router.register(longRunningOperations: OperationsHandler(register: upkeep.operations, failures: failures))
  }
}
