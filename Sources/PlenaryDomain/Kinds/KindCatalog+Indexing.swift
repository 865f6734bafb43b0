internal import Crypto
package import PlenaryStore
internal import ProtobufRuntime

extension KindCatalog {
  /// How entries are made where no path says it: derived entries, spans of dates and the forms of values. Whoever changes
  /// any of these raises it, so that stores are brought up to date.
  private static let entryVersion = 1

  /// When the past of records is confined: raised like that of the entries, by whoever changes it.
  private static let confiningVersion = 1

  /// What the records of all kinds are found by.
  package var indexing: Indexing {
    let paths = kinds.flatMap { kind in kind.indexes.map { "\($0.field.id) \($0.form)" } }
    let periods = kinds.filter { $0.period != nil }.map { "\($0.membership.id) period" }
    let versions = ["\(Self.entryVersion)", "confining \(Self.confiningVersion)"]
    let text = (versions + paths + periods).joined(separator: "\n")
    let form = Array(SHA256.hash(data: Array(text.utf8)))
    return Indexing(form: form, confining: AttributionRules.confining(in: self)) { key, body in
      guard let kind = kind(named: key.name) else { return nil }
      // A record that cannot be read cannot be found anew either.
      return (try? kind.message.init(serializedBytes: body)).map(kind.indexEntries)
    }
  }
}
