// CodeGeneratorTests
