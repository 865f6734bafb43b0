/// Why nothing can be generated; protoc shows the text to whoever runs it.
struct GeneratorError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
