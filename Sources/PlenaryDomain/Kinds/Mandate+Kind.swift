internal import GoogleAPI
internal import PlenaryAPI
internal import PlenaryStore

extension Kind {
  /// Documents that the work rests on.
  static let mandate = Kind(
    MandateRules(), defaultLabel: .clear, indexed: ["symbol", "kind", "adopt_date"],
    deletion: .blocked(by: [.field("mandates", of: "Series")]))
}

private struct MandateRules: KindRules {
  /// Slots of derived entries.
  private enum Slot {
    static let symbol: UInt32 = 1
  }

  func check(_ mandate: Mandate, replacing previous: Mandate?, _ findings: inout Findings) {
    guard let year = MandateSymbol(mandate.symbol)?.year, let date = mandate.adoptDate.flatMap({ PartialDate($0) }),
      date.year != year
    else { return }
    findings.add(
      "symbol", .symbolInvalid, "its year is \(year), and `adopt_date` is in \(date.year); one of them is wrong",
      metadata: ["symbol": mandate.symbol, "adopt_date": date.description])
  }

  func derivedEntries(_ mandate: Mandate) -> [DerivedEntry] {
    guard let symbol = MandateSymbol(mandate.symbol) else { return [] }
    return [
      .unique(
        Slot.symbol, .string(symbol.key),
        taken: .init(
          "symbol", .symbolTaken, "another mandate has the symbol `\(symbol.canonical)`; use that one",
          metadata: ["symbol": symbol.canonical]))
    ]
  }
}
