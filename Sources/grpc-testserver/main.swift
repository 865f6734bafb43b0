print("grpc-testserver")
