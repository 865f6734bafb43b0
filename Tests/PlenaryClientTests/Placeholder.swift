// PlenaryClientTests
