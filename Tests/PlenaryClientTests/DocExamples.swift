import PlenaryClient

/// The places of a series' dialogues, in their order.
func places(of series: String, server: String) async throws -> [String] {
  try await RegistryClient.withConnection(to: server) { registry in
    var places: [String] = []
    for try await dialogue in registry.dialogues.list(filter: "series = \"\(series)\"", orderBy: "ordinal") {
      places.append("\(dialogue.ordinal). \(dialogue.location?.locality ?? "somewhere")")
    }
    return places
  }
}
