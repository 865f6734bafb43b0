internal import PlenaryDomain
internal import PlenaryStore

/// Asks the store itself, and tells what goes wrong as the registry does.
func domain<Value>(_ body: () async throws(StoreError) -> Value) async throws(DomainError) -> Value {
  do {
    return try await body()
  } catch {
    throw DomainError(store: error)
  }
}
