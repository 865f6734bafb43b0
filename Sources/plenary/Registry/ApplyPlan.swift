internal import PlenaryClient

/// What becomes, or has become, of records that are applied.
struct ApplyPlan {
  typealias Action = ApplyResourcesResponse.PlanItem.Action

  private let response: ApplyResourcesResponse

  init(_ response: ApplyResourcesResponse) { self.response = response }

  /// Whether anything is not as it is to be.
  var hasChanges: Bool { count(.unchanged) < response.items.count }

  /// How many records something is done to.
  func count(_ action: Action) -> Int { response.items.count { $0.action == action } }

  /// The names of the records that something is done to.
  func names(_ action: Action) -> [String] { response.items.filter { $0.action == action }.map(\.name) }

  /// The names of the records that change.
  var changedNames: [String] { response.items.filter { $0.action != .unchanged }.map(\.name) }

  /// How many records there are of each fate: `2 created, 1 updated, 3 unchanged`.
  var counts: String {
    let counts = [
      "\(count(.create)) \(Self.word(.create, isDone: true))", "\(count(.update)) updated",
      "\(count(.unchanged)) unchanged",
    ]
    let rare: [Action] = [.undelete, .delete]
    return (counts + rare.filter { count($0) > 0 }.map { "\(count($0)) \(Self.word($0, isDone: true))" })
      .joined(separator: ", ")
  }

  /// The plan as a table: what is done, to which record, and in which fields.
  func lines(width: Int?, _ style: TextStyle) -> [String] {
    var table = Table(
      [
        Table.Column(title: "ACTION", isFixed: true), Table.Column(title: "NAME", isFixed: true),
        Table.Column(title: "FIELDS"),
      ],
      style: style)
    for item in response.items {
      let fields = item.changedFields?.paths.joined(separator: ", ") ?? ""
      table.add([Self.word(item.action, isDone: response.applied), item.name, fields])
    }
    return table.lines(width: width, style: style)
  }

  /// The whole answer with every key in every case: ProtoJSON would leave out what is zero.
  ///
  /// - Throws: a `Failure` if an item cannot be written.
  func json(dryRun: Bool) throws(Failure) -> JSONValue {
    var items: [JSONValue] = []
    for item in response.items { items.append(try .message(item)) }
    return .object([
      ("dryRun", .bool(dryRun)),
      ("applied", .bool(response.applied)),
      ("createdCount", .number(count(.create))),
      ("updatedCount", .number(count(.update))),
      ("unchangedCount", .number(count(.unchanged))),
      ("undeletedCount", .number(count(.undelete))),
      ("deletedCount", .number(count(.delete))),
      ("revision", .string(response.revision)),
      ("items", .array(items)),
    ])
  }

  private static func word(_ action: Action, isDone: Bool) -> String {
    switch action {
    case .create: isDone ? "created" : "create"
    case .update: isDone ? "updated" : "update"
    case .unchanged: "unchanged"
    case .delete: isDone ? "deleted" : "delete"
    case .undelete: isDone ? "undeleted" : "undelete"
    default: "not known"
    }
  }
}
