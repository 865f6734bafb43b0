/// Writes the Swift of one enum: a struct around its number, so that unknown numbers are kept.
struct EnumGenerator {
  let enumeration: ProtoEnum
  let swiftName: String

  init(_ enumeration: ProtoEnum, _ index: TypeIndex) throws {
    self.enumeration = enumeration
    swiftName = try index[enumeration.fullName].swiftName
  }

  func write(to printer: inout Printer) throws {
    let shortName = swiftName.split(separator: ".").last.map(String.init) ?? swiftName
    printer.doc(enumeration.comment, or: "The enum `\(enumeration.fullName)`.")
    try printer.block("public struct \(shortName): ProtobufEnum {") { printer in
      printer.print("/// The number on the wire.")
      printer.print("public let rawValue: Int32")
      printer.print()
      printer.print("/// Creates the value with a number, which the enum need not declare.")
      printer.print("public init(rawValue: Int32) { self.rawValue = rawValue }")
      printer.print()
      var names: Set<String> = []
      for value in enumeration.values {
        let name = SwiftNaming.enumCase(value.name, of: enumeration.name)
        guard names.insert(name).inserted else {
          throw GeneratorError("\(enumeration.fullName): two values would be named \(name)")
        }
        printer.doc(value.comment, or: "The value `\(value.name)`.")
        printer.print("public static var \(SwiftNaming.declared(name)): Self { Self(rawValue: \(value.number)) }")
      }
      printer.print()
      printer.print("/// The values that the proto declares.")
      printer.block("public static let descriptor = EnumDescriptor(\"\(enumeration.fullName)\") { values in") {
        for value in enumeration.values { $0.print("values.add(\(value.number), \"\(value.name)\")") }
      }
    }
  }
}
