internal import PlenaryStore

/// Confining the past of records, as the program declares it.
extension Writer {
  /// Notes that a version confines what was before it, if it does. Every version that is written comes by here.
  func noteConfinement(by version: NextVersion, over old: Standing?, _ place: WritePlace) {
    guard let confining = configuration.indexing?.confining, !version.erases, let body = version.body,
      let before = old?.version?.record.body, confining.confines(version.key, before, body)
    else { return }
    confinements.append(
      Confinement(
        key: version.key.name, through: Int64(place.transaction), keeper: names.markings[version.acl].originator))
  }

  /// Confines what the changes of a request are to confine, once all of them are written.
  func confine() throws(Fault) {
    guard !confinements.isEmpty, let confining = configuration.indexing?.confining else { return }
    defer { confinements = [] }
    let confiner = try Confiner(connection, confining)
    for confinement in confinements { changes.outdate(try confiner.confine(confinement)) }
    try OpenedStore.addMarkings(to: &names, connection)
  }

  /// The marking of the next version of a record: after one of a deleted record that is confined, it is too.
  func marking(_ acl: UInt32, after old: Standing?) throws(Fault) -> UInt32 {
    guard let old, old.state == .softDeleted, let keeper = names.markings[old.acl].keeper else { return acl }
    return try number(of: names.markings[acl].confined(to: keeper))
  }
}
