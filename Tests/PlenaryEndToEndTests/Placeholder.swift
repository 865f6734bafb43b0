// PlenaryEndToEndTests
