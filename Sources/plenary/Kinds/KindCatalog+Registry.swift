internal import GRPCRuntime
internal import PlenaryRPC

extension KindCatalog {
  /// The kinds of the registry, in the order in which exports have them.
  static let registry = KindCatalog(
    kinds: ([
      SourceServiceDefinition.self, OrganizationServiceDefinition.self, PersonServiceDefinition.self,
      ThemeServiceDefinition.self, MandateServiceDefinition.self, DirectiveServiceDefinition.self,
      InitiativeServiceDefinition.self, SeriesServiceDefinition.self, DialogueServiceDefinition.self,
      WorkingGroupServiceDefinition.self, InterventionServiceDefinition.self, PartnershipServiceDefinition.self,
      OutcomeReportServiceDefinition.self,
    ] as [any CompleteServiceDefinition.Type]).compactMap(Kind.init))
}
