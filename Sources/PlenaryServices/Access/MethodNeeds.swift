internal import GRPCRuntime
package import PlenaryAPI
internal import PlenaryRPC

/// What it takes to call a method.
package enum MethodNeed: Hashable, Sendable {
  /// Nothing: it is answered to whoever asks.
  case nothing
  /// A role, for whatever scope. Which records a role covers is looked at when they are changed.
  case role(Client.Grant.Role)
}

/// What each method takes: the one table of it. A method that is not in it is for administrators, and a test fails.
package enum MethodNeeds {
  /// The needs of all methods, by path.
  package static let table: [String: MethodNeed] =
    records.merging(services) { one, _ in one }

  /// What a method takes.
  package static func need(of path: String) -> MethodNeed { table[path] ?? .role(.admin) }

  /// Whether a method keeps the daemon looked after, and is answered while others are refused because there are too many.
  package static func isEssential(_ path: String) -> Bool {
    isUpkeep(path) || essentialServices.contains { path.hasPrefix($0) }
  }

  /// Whether a method is one by which administrators look after the daemon.
  static func isUpkeep(_ path: String) -> Bool { path.hasPrefix("/plenary.v1.AdminService/") }

  private static let essentialServices = [
    "/grpc.health.v1.Health/", "/grpc.reflection.v1.ServerReflection/", "/grpc.reflection.v1alpha.ServerReflection/",
  ]

  /// The services of single kinds: who reads, who changes, and what else moves their records.
  private static let records: [String: MethodNeed] = [
    kind(SourceServiceDefinition.self),
    kind(OrganizationServiceDefinition.self),
    kind(PersonServiceDefinition.self),
    kind(ThemeServiceDefinition.self, verbs: ["Deprecate": .editor, "Reactivate": .editor]),
    kind(MandateServiceDefinition.self),
    kind(DirectiveServiceDefinition.self),
    kind(InitiativeServiceDefinition.self),
    kind(SeriesServiceDefinition.self, verbs: ["Suspend": .editor, "Resume": .editor, "End": .editor]),
    kind(
      DialogueServiceDefinition.self,
      verbs: [
        "Schedule": .editor, "Start": .editor, "Conclude": .editor, "Archive": .editor, "Postpone": .editor,
        "Cancel": .editor,
      ]),
    kind(WorkingGroupServiceDefinition.self, verbs: ["Report": .editor, "Reopen": .editor]),
    kind(PanelServiceDefinition.self, verbs: ["Report": .editor, "Reopen": .editor]),
    kind(InterventionServiceDefinition.self),
    kind(FindingServiceDefinition.self),
    kind(
      PartnershipServiceDefinition.self,
      verbs: ["Activate": .editor, "Decline": .editor, "Suspend": .editor, "Resume": .editor, "End": .editor]),
    kind(ConsultationServiceDefinition.self, verbs: ["Close": .editor]),
    kind(
      RecommendationServiceDefinition.self,
      verbs: [
        "Submit": .publisher, "Accept": .editor, "AcceptPartially": .editor, "Reject": .editor, "Begin": .editor,
        "Complete": .editor, "Withdraw": .publisher, "Supersede": .publisher,
      ]),
    kind(FollowUpServiceDefinition.self),
    kind(
      OutcomeReportServiceDefinition.self,
      verbs: [
        "Submit": .editor, "Return": .publisher, "Approve": .publisher, "Publish": .publisher, "Supersede": .publisher,
      ]),
    kind(SharingGroupServiceDefinition.self, changes: .officer),
    kind(ClientServiceDefinition.self, reads: .admin, changes: .admin),
  ].reduce(into: [:]) { table, needs in table.merge(needs) { one, _ in one } }

  /// The methods that are written for one service.
  private static let services: [String: MethodNeed] = [
    "/plenary.v1.ClientService/IssueClientToken": .role(.admin),
    "/plenary.v1.ClientService/ApproveClientGrant": .role(.admin),
    "/plenary.v1.ClientService/ListClientElevations": .role(.officer),
    // A client may do this for itself; the registry sees to it that nobody but administrators does it for others.
    "/plenary.v1.ClientService/RotateClientToken": .role(.reader),
    "/plenary.v1.ClientService/RevokeClientToken": .role(.reader),
    "/plenary.v1.PersonService/ReportPersonData": .role(.officer),
    "/plenary.v1.PersonService/ErasePerson": .role(.officer),
    "/plenary.v1.OutcomeReportService/CompileOutcomeReport": .role(.editor),
    "/plenary.v1.OutcomeReportService/ReadOutcomeReportContent": .role(.reader),
    "/plenary.v1.ApplyService/ApplyResources": .role(.editor),
    "/plenary.v1.ImportService/ImportRegistry": .role(.officer),
    "/plenary.v1.ExportService/ExportRegistry": .role(.reader),
    "/plenary.v1.FilterService/ExplainFilter": .role(.reader),
    "/plenary.v1.MarkingService/DowngradeMarking": .role(.officer),
    "/plenary.v1.TranslationService/GetTranslationStatus": .role(.reader),
    "/plenary.v1.CoverageService/GetConsultationCoverage": .role(.reader),
    "/plenary.v1.RenderingService/RenderOutcomeReport": .role(.reader),
    "/plenary.v1.TraceService/TraceResource": .role(.reader),
    "/plenary.v1.SearchService/SearchResources": .role(.reader),
    "/plenary.v1.ChangeService/ListChanges": .role(.reader),
    "/plenary.v1.ChangeService/WatchChanges": .role(.reader),
    "/plenary.v1.HistoryService/DiffResource": .role(.reader),
    "/plenary.v1.HistoryService/DiffRegistry": .role(.reader),
    "/plenary.v1.AuditService/ListAuditEntries": .role(.officer),
    "/plenary.v1.AuditService/ListAccessEntries": .role(.officer),
    "/plenary.v1.AdminService/GetStoreStatus": .role(.admin),
    "/plenary.v1.AdminService/GetAccessStatus": .role(.admin),
    "/plenary.v1.AdminService/CompactHistory": .role(.admin),
    "/plenary.v1.AdminService/BackupRegistry": .role(.admin),
    "/plenary.v1.AdminService/RebuildSearchIndex": .role(.admin),
    "/plenary.v1.AdminService/VerifyRegistry": .role(.admin),
    "/plenary.v1.ReplicationService/GetReplicationStatus": .role(.admin),
    "/plenary.v1.ReplicationService/FollowStore": .role(.admin),
    "/plenary.v1.ReplicationService/CopyStore": .role(.admin),
    "/plenary.v1.ReplicationService/PromoteFollower": .role(.admin),
    // How much is written shows in sizes of the tree, so officers are told of it at fixed times alone; and in the place of a
    // version, which is told to whoever may know all of it, and can be handed on.
    "/plenary.v1.TransparencyService/GetTreeHead": .role(.officer),
    "/plenary.v1.TransparencyService/GetInclusionProof": .role(.admin),
    "/plenary.v1.TransparencyService/GetConsistencyProof": .role(.officer),
    // Each is there for whoever has begun it, and for administrators.
    "/google.longrunning.Operations/ListOperations": .role(.reader),
    "/google.longrunning.Operations/GetOperation": .role(.reader),
    "/google.longrunning.Operations/DeleteOperation": .role(.editor),
    "/google.longrunning.Operations/CancelOperation": .role(.editor),
    "/google.longrunning.Operations/WaitOperation": .role(.reader),
    "/grpc.health.v1.Health/Check": .nothing,
    "/grpc.health.v1.Health/List": .nothing,
    "/grpc.health.v1.Health/Watch": .nothing,
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo": .role(.reader),
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo": .role(.reader),
  ]

  /// The needs of the service of a kind. What removes records for good is for administrators.
  private static func kind<Service: CompleteServiceDefinition>(
    _ service: Service.Type, reads: Client.Grant.Role = .reader, changes: Client.Grant.Role = .editor,
    verbs: [String: Client.Grant.Role] = [:]
  ) -> [String: MethodNeed] {
    var needs: [String: MethodNeed] = [
      Service.get.path: .role(reads), Service.list.path: .role(reads), Service.batchGet.path: .role(reads),
      Service.listRevisions.path: .role(reads), Service.getRevision.path: .role(reads),
      Service.create.path: .role(changes), Service.update.path: .role(changes),
      Service.delete.path: .role(changes), Service.undelete.path: .role(changes),
      Service.batchCreate.path: .role(changes), Service.rollback.path: .role(changes),
      Service.purge.path: .role(.admin),
    ]
    for method in Service.transitions {
      if let role = verbs[method.verb] { needs[method.path] = .role(role) }
    }
    return needs
  }
}

extension TransitionMethod {
  fileprivate var path: String { descriptor.path }
}
