package import GRPCRuntime
internal import GoogleAPI
internal import PlenaryAPI
package import PlenaryDomain
internal import PlenaryRPC
package import PlenaryStore
package import ProtobufRuntime

/// The registry as services of gRPC: the five standard methods of every kind, written once, and the services for import,
/// export, translations and administration.
package struct RegistryServices: Sendable {
  let registry: Registry
  let startTime: CommitTime
  let version: String
  let failures: FailureReport

  /// The services of a registry.
  ///
  /// - Parameters:
  ///   - startTime: When the program started.
  ///   - version: The version of the program.
  ///   - failures: What becomes of errors that callers must not see.
  package init(registry: Registry, startTime: CommitTime, version: String, failures: FailureReport) {
    self.registry = registry
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
    methods.register(SourceServiceDefinition.self, on: &router)
    methods.register(OrganizationServiceDefinition.self, on: &router)
    methods.register(PersonServiceDefinition.self, on: &router)
    methods.register(ThemeServiceDefinition.self, on: &router)
    methods.register(MandateServiceDefinition.self, on: &router)
    methods.register(DirectiveServiceDefinition.self, on: &router)
    methods.register(InitiativeServiceDefinition.self, on: &router)
    methods.register(SeriesServiceDefinition.self, on: &router)
    methods.register(DialogueServiceDefinition.self, on: &router)
    methods.register(WorkingGroupServiceDefinition.self, on: &router)
    methods.register(InterventionServiceDefinition.self, on: &router)
    methods.register(PartnershipServiceDefinition.self, on: &router)
    methods.register(OutcomeReportServiceDefinition.self, on: &router)
    router.register(importService: ImportHandler(registry: registry, failures: failures))
    router.register(exportService: ExportHandler(registry: registry, failures: failures))
    router.register(translationService: TranslationHandler(registry: registry, failures: failures))
    router.register(
      adminService: AdminHandler(registry: registry, startTime: startTime, version: version, failures: failures))
  }
}
