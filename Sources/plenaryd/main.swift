print("plenaryd")
