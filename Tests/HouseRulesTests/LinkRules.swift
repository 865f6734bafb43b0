/// Which targets a program is linked to, by the text of Package.swift.
enum LinkRules {
  /// The targets with the targets and products that each names.
  static func targets(in manifest: String) -> [String: Set<String>] {
    // A name, and behind it, with or without a label, the list of what the target depends on.
    let pattern = /"([A-Za-z0-9-]+)",\s*(?:dependencies:\s*)?\[([^\]]*)\]/
    var targets: [String: Set<String>] = [:]
    for match in manifest.matches(of: pattern) {
      let names = match.2.split(separator: ",").compactMap { item in
        item.split(separator: "\"", omittingEmptySubsequences: false).dropFirst().first.map(String.init)
      }
      targets[String(match.1), default: []].formUnion(names)
    }
    return targets
  }

  /// Everything that a target depends on, by way of others too.
  static func closure(of target: String, in targets: [String: Set<String>]) -> Set<String> {
    var found: Set<String> = []
    var waiting = [target]
    while let next = waiting.popLast() {
      for name in targets[next] ?? [] where found.insert(name).inserted { waiting.append(name) }
    }
    return found
  }
}
