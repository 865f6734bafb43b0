print("protoc-gen-plenary-swift")
