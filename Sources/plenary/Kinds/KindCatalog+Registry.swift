internal import GRPCRuntime
internal import PlenaryRPC

extension KindCatalog {
  /// The kinds of the registry, in the order in which exports have them.
  static let registry = KindCatalog(
    kinds: ([
      SourceServiceDefinition.self, OrganizationServiceDefinition.self, PersonServiceDefinition.self,
      ThemeServiceDefinition.self, MandateServiceDefinition.self, DirectiveServiceDefinition.self,
      InitiativeServiceDefinition.self, SeriesServiceDefinition.self, DialogueServiceDefinition.self,
      WorkingGroupServiceDefinition.self, PanelServiceDefinition.self, InterventionServiceDefinition.self,
      FindingServiceDefinition.self, PartnershipServiceDefinition.self, ConsultationServiceDefinition.self,
      RecommendationServiceDefinition.self, FollowUpServiceDefinition.self, OutcomeReportServiceDefinition.self,
      SharingGroupServiceDefinition.self, ClientServiceDefinition.self,
    ] as [any CompleteServiceDefinition.Type]).compactMap(Kind.init))
}
