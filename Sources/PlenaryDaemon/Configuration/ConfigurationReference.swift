/// The keys as a page of the handbook, and as a file to start from.
enum ConfigurationReference {
  /// The page `Configuration.md`.
  static var page: String {
    let rows = ConfigurationKey.all.map { key in
      "| `\(key.name)` | \(key.rule) | \(code(standard(key))) | \(key.summary)\(key.isReloadable ? " Reloadable." : "") |"
    }
    return """
      # Configuration

      Every setting of `plenaryd`: its key, what is allowed, and what it is when nobody sets it.

      ## Where settings come from

      1. The file that `--config` or `PLENARYD_CONFIG` names, in YAML; the parts of a key between dots are nested.
      2. The environment: `PLENARYD_` and the key in capitals with `_` for `.`, such as `PLENARYD_LOG_LEVEL`. Lists are
         separated by commas.
      3. The command line: the flags of `plenaryd run`, and `--set key=value` for every key.

      A later one wins. `plenaryd validate` checks all of them and names what is wrong with file, line and column;
      `plenaryd validate --keys` prints this list. On SIGHUP a running daemon reads them again and takes over the keys
      that are marked *Reloadable*; on SIGUSR1 it logs from `debug` on until the next one. `Deploy/plenaryd.yaml` has
      every key with its default.

      ## Keys

      | key | allowed | default | what it is |
      |---|---|---|---|
      \(rows.joined(separator: "\n"))

      """
  }

  /// The file `plenaryd.yaml` with every key at its default, as comments.
  static var exampleFile: String {
    var lines = [
      "# The settings of plenaryd. Each stands here with its default; take the # away to change it.",
      "# Check with: plenaryd validate --config plenaryd.yaml",
    ]
    var section = ""
    for key in ConfigurationKey.all {
      let parts = key.name.split(separator: ".")
      let indent = parts.count > 1 ? "  " : ""
      if parts.count > 1, String(parts[0]) != section {
        section = String(parts[0])
        lines += ["", "\(section):"]
      } else {
        lines.append("")
      }
      lines.append("\(indent)# \(key.summary)")
      lines.append("\(indent)# Allowed: \(key.rule).")
      lines.append("\(indent)#\(parts.last ?? ""): \(yaml(standard(key)))")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Lines for a terminal: each key with what is allowed and its default.
  static var lines: [String] {
    ConfigurationKey.all.flatMap { key in
      ["\(key.name) (\(key.variable))", "    \(key.summary)", "    Allowed: \(key.rule). Default: \(standard(key))"]
    }
  }

  private static func standard(_ key: ConfigurationKey) -> String {
    // The same on every machine.
    key.text(in: .defaults(environment: ["HOME": "~"]))
  }

  private static func code(_ text: String) -> String { text.isEmpty ? "none" : "`\(text)`" }

  private static func yaml(_ text: String) -> String {
    text.isEmpty || text.contains(":") ? "\"\(text)\"" : text
  }
}
